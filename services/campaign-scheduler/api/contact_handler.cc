#include "services/campaign-scheduler/api/contact_handler.h"

#include "libs/base/status.h"

namespace trunkline::scheduler {
namespace {

using campaigns::v1::ImportContactsRequest;
using rpc::Caller;

constexpr size_t kLargestPiece = 1024 * 1024;

absl::Status WrongPiece(std::string_view description) {
  return InvalidFields({{.field = "piece", .description = std::string(description)}});
}

// Takes pieces until the file or the stream ends. What is whole by then is committed, whichever it was.
absl::Status TakePieces(grpc::ServerReader<ImportContactsRequest>& reader, ContactImport& import) {
  ImportContactsRequest request;
  while (reader.Read(&request)) {
    if (request.has_end() && request.end()) return import.End();
    if (!request.has_data()) return WrongPiece("after the head, bytes must follow, and then the end");
    if (request.data().size() > kLargestPiece) return WrongPiece("must have at most 1 MiB of data");
    TL_RETURN_IF_ERROR(import.Append(request.data()));
  }
  return import.Flush();
}

}  // namespace

grpc::Status ContactHandler::ImportContacts(grpc::ServerContext* context,
                                            grpc::ServerReader<ImportContactsRequest>* reader,
                                            campaigns::v1::ImportContactsResponse* response) {
  return parts_.methods.Unary("ContactService/ImportContacts", context, [&](const Caller& caller) -> absl::Status {
    TL_ASSIGN_OR_RETURN(const StreamLimit::Pass pass, parts_.streams.Enter(caller.business_id));
    ImportContactsRequest first;
    if (!reader->Read(&first) || !first.has_head()) return WrongPiece("the head must come first");
    TL_ASSIGN_OR_RETURN(ContactImport import,
                        ContactImport::Begin(parts_.imports, caller.business_id, first.head(), parts_.options));
    if (!import.is_complete()) TL_RETURN_IF_ERROR(TakePieces(*reader, import));
    *response->mutable_contact_import() = import.state();
    return absl::OkStatus();
  });
}

grpc::Status ContactHandler::GetContactImport(grpc::ServerContext* context,
                                              const campaigns::v1::GetContactImportRequest* request,
                                              campaigns::v1::GetContactImportResponse* response) {
  return parts_.methods.Unary("ContactService/GetContactImport", context, [&](const Caller& caller) -> absl::Status {
    TL_ASSIGN_OR_RETURN(*response->mutable_contact_import(),
                        parts_.queries.GetImport(caller.business_id, request->import_id()));
    return absl::OkStatus();
  });
}

grpc::Status ContactHandler::ListContactImportErrors(grpc::ServerContext* context,
                                                     const campaigns::v1::ListContactImportErrorsRequest* request,
                                                     campaigns::v1::ListContactImportErrorsResponse* response) {
  return parts_.methods.Unary(
      "ContactService/ListContactImportErrors", context, [&](const Caller& caller) -> absl::Status {
        TL_ASSIGN_OR_RETURN(*response, parts_.queries.ListImportErrors(caller.business_id, *request));
        return absl::OkStatus();
      });
}

grpc::Status ContactHandler::ListContacts(grpc::ServerContext* context,
                                          const campaigns::v1::ListContactsRequest* request,
                                          campaigns::v1::ListContactsResponse* response) {
  return parts_.methods.Unary("ContactService/ListContacts", context, [&](const Caller& caller) -> absl::Status {
    TL_ASSIGN_OR_RETURN(*response, parts_.queries.List(caller.business_id, *request));
    return absl::OkStatus();
  });
}

grpc::Status ContactHandler::GetContact(grpc::ServerContext* context, const campaigns::v1::GetContactRequest* request,
                                        campaigns::v1::GetContactResponse* response) {
  return parts_.methods.Unary("ContactService/GetContact", context, [&](const Caller& caller) -> absl::Status {
    TL_ASSIGN_OR_RETURN(*response, parts_.queries.Get(caller.business_id, *request));
    return absl::OkStatus();
  });
}

grpc::Status ContactHandler::RemoveContact(grpc::ServerContext* context,
                                           const campaigns::v1::RemoveContactRequest* request,
                                           campaigns::v1::RemoveContactResponse* response) {
  return parts_.methods.Unary("ContactService/RemoveContact", context, [&](const Caller& caller) -> absl::Status {
    TL_ASSIGN_OR_RETURN(*response->mutable_contact(), parts_.queries.Remove(caller, *request));
    return absl::OkStatus();
  });
}

}  // namespace trunkline::scheduler
