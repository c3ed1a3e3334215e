// ContactService over gRPC.
#pragma once

#include "libs/rpc/method.h"
#include "services/campaign-scheduler/api/stream_limit.h"
#include "services/campaign-scheduler/contacts/contact_import.h"
#include "services/campaign-scheduler/contacts/contact_queries.h"
#include "trunkline/campaigns/v1/contact_service.grpc.pb.h"

namespace trunkline::scheduler {

class ContactHandler final : public campaigns::v1::ContactService::Service {
 public:
  struct Parts {  // all of them outlive the object
    const rpc::Methods& methods;
    ContactQueries& queries;
    ImportStore& imports;
    StreamLimit& streams;
    ContactImport::Options options = {};
  };

  explicit ContactHandler(Parts parts) : parts_(parts) {}

  grpc::Status ImportContacts(grpc::ServerContext* context,
                              grpc::ServerReader<campaigns::v1::ImportContactsRequest>* reader,
                              campaigns::v1::ImportContactsResponse* response) override;
  grpc::Status GetContactImport(grpc::ServerContext* context, const campaigns::v1::GetContactImportRequest* request,
                                campaigns::v1::GetContactImportResponse* response) override;
  grpc::Status ListContactImportErrors(grpc::ServerContext* context,
                                       const campaigns::v1::ListContactImportErrorsRequest* request,
                                       campaigns::v1::ListContactImportErrorsResponse* response) override;
  grpc::Status ListContacts(grpc::ServerContext* context, const campaigns::v1::ListContactsRequest* request,
                            campaigns::v1::ListContactsResponse* response) override;
  grpc::Status GetContact(grpc::ServerContext* context, const campaigns::v1::GetContactRequest* request,
                          campaigns::v1::GetContactResponse* response) override;
  grpc::Status RemoveContact(grpc::ServerContext* context, const campaigns::v1::RemoveContactRequest* request,
                             campaigns::v1::RemoveContactResponse* response) override;

 private:
  const Parts parts_;
};

}  // namespace trunkline::scheduler
