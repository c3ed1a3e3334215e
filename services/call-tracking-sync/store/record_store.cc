#include "services/call-tracking-sync/store/record_store.h"

#include <algorithm>
#include <map>
#include <string_view>
#include <utility>

#include "libs/base/crypto.h"
#include "libs/base/status.h"
#include "libs/base/text.h"
#include "libs/telephony/call_status.h"
#include "libs/tracking/call_events.h"
#include "libs/tracking/content_hash.h"
#include "services/call-tracking-sync/store/checkpoint_rows.h"
#include "services/call-tracking-sync/store/record_message.h"

namespace trunkline::tracking_sync {
namespace {

using postgres::Micros;
using postgres::Parameter;
using postgres::Result;
using postgres::Transaction;
using tracking::PlatformCall;

// A record as its table holds it.
struct Record {
  std::string external_id;
  std::optional<absl::Time> version;
  std::string content_hash;
  std::optional<std::string> tags_hash;
  int64_t readings = 0;
  absl::Time requested_at;
  bool is_live = false;
  std::optional<absl::Time> started_at;
  std::optional<absl::Time> ended_at;
  std::optional<absl::Time> gone_at;
};
using Records = std::map<std::string, Record, std::less<>>;

// Tags by themselves: a list of some platforms tells a call without them.
Record RecordOf(std::string_view platform, const PlatformCall& read) {
  tracking::TrackedCall bare = read.call;
  bare.tags = {};
  Record record{.external_id = read.call.external_id,
                .version = read.call.updated_at.value,
                .content_hash = Sha256(tracking::CanonicalJson(platform, bare)),
                .requested_at = InMicros(read.requested_at),
                .is_live = GoesOn(read.call),
                .started_at = read.call.started_at.value,
                .ended_at = read.call.ended_at.value};
  if (read.call.tags.is_told) {
    std::string tags;
    for (const auto& [name, value] : read.call.tags.value.value_or(tracking::Tags())) {
      tags += Concat(name.size(), ":", name, value.size(), ":", value);
    }
    record.tags_hash = Sha256(tags);
  }
  return record;
}

enum class Verdict { kNew, kChanged, kSame, kStale };

Verdict Compare(const Record& known, const Record& read) {
  if (known.version.has_value() && !read.version.has_value()) return Verdict::kStale;
  if (known.version.has_value() && *read.version < *known.version) return Verdict::kStale;
  const bool same_tags = !read.tags_hash.has_value() || read.tags_hash == known.tags_hash;
  const bool is_newer = read.version.has_value() && read.version != known.version;
  if (!is_newer && same_tags && read.content_hash == known.content_hash) return Verdict::kSame;
  if (!is_newer && read.requested_at <= known.requested_at) return Verdict::kStale;
  return Verdict::kChanged;
}

absl::StatusOr<Records> ReadKnown(Transaction& tx, const std::string& account_id, const RecordBatch& batch) {
  // One by one, by the key: for all at once PostgreSQL reads every record of an account that it has no statistics of.
  static const std::string sql =
      Concat("SELECT external_id, ", Micros("version"), ", content_hash, tags_hash, readings, ", Micros("requested_at"),
             ", ", Micros("gone_at"),
             " FROM unnest($2::text[]) AS asked(id), LATERAL (SELECT * FROM tracked_records "
             "WHERE provider_account_id = $1 AND external_id = asked.id LIMIT 1) AS known");
  std::vector<std::string_view> ids;
  ids.reserve(batch.calls.size());
  for (const PlatformCall& call : batch.calls) ids.push_back(call.call.external_id);
  Records known;
  if (ids.empty()) return known;
  TL_ASSIGN_OR_RETURN(const Result rows, tx.ExecuteBinary(sql, {account_id, Parameter::Texts(ids)}));
  for (int i = 0; i < rows.size(); ++i) {
    Record record{.external_id = rows.String(i, 0),
                  .version = rows.Time(i, 1),
                  .content_hash = rows.Bytes(i, 2),
                  .readings = rows.Integer(i, 4),
                  .requested_at = rows.Time(i, 5).value_or(absl::InfinitePast()),
                  .gone_at = rows.Time(i, 6)};
    if (!rows.IsNull(i, 3)) record.tags_hash = rows.Bytes(i, 3);
    known.emplace(record.external_id, std::move(record));
  }
  return known;
}

// What a batch comes to.
struct Changes {
  Records written;                    // new, changed, or asked for again
  std::vector<std::string> messages;  // for the outbox
  std::vector<WantedFetch> wanted;    // that are to be read by id
};

absl::Status AddMessage(const webhooks::v1::RawWebhook& message, std::vector<std::string>* messages) {
  std::string bytes;
  if (!message.SerializeToString(&bytes)) return absl::InternalError("a record cannot be serialized");
  messages->push_back(std::move(bytes));
  return absl::OkStatus();
}

// The platform knew it no more, and now it does. A record that tells itself that it was deleted needs no such fact.
bool IsFound(const Record& before, const PlatformCall& read) {
  return before.gone_at.has_value() && read.requested_at > *before.gone_at && !read.call.deleted_at.has_value();
}

// A list left its tags out, and it ended: one that goes on is read by its id anyway.
bool IsToBeReadWhole(const RecordBatch& batch, const PlatformCall& call) {
  return batch.read_whole.has_value() && !call.call.tags.is_told && !GoesOn(call.call);
}

// Later than everything that the version of the record told.
absl::Time FoundAt(absl::Time asked_at, absl::Time version, absl::Time requested_at) {
  return std::max({asked_at, version, requested_at}) + absl::Microseconds(1);
}

absl::StatusOr<Changes> Sort(const tracking::Account& account, const RecordBatch& batch, Records known, absl::Time now,
                             RecordOutcome* outcome) {
  Changes changes;
  for (const PlatformCall& call : batch.calls) {
    Record read = RecordOf(account.provider, call);
    const auto before = known.find(read.external_id);
    const Verdict verdict = before == known.end() ? Verdict::kNew : Compare(before->second, read);
    if (verdict == Verdict::kStale) {
      ++outcome->stale;
      ++outcome->unchanged;
      continue;
    }
    const bool is_found = before != known.end() && IsFound(before->second, call);
    if (before != known.end()) {
      read.readings = before->second.readings;
      if (!read.tags_hash.has_value()) read.tags_hash = before->second.tags_hash;
      // What was asked for before it was gone does not say that it is there.
      if (before->second.gone_at >= read.requested_at) read.gone_at = before->second.gone_at;
    }
    if (verdict == Verdict::kSame) {
      ++outcome->unchanged;
      // Without a version, the time of the request tells which of two readings is the later one.
      const bool is_later = !read.version.has_value() && read.requested_at > before->second.requested_at;
      if (!is_later && !is_found) continue;
    } else {
      verdict == Verdict::kNew ? ++outcome->inserted : ++outcome->updated;
      TL_RETURN_IF_ERROR(AddMessage(MessageOf(account, call, batch.reason, read.readings, now), &changes.messages));
      ++read.readings;
      if (IsToBeReadWhole(batch, call)) changes.wanted.push_back({read.external_id, *batch.read_whole});
    }
    if (is_found) {
      const tracking::KnownRecord record{.external_id = read.external_id,
                                         .version = read.version.value_or(read.requested_at),
                                         .started_at = read.started_at};
      // After the fact that it was gone.
      const absl::Time found_at =
          FoundAt(read.requested_at, record.version, *before->second.gone_at) + absl::Microseconds(1);
      const tracking::CallPlace place{.platform = account.provider, .account_id = account.id};
      TL_RETURN_IF_ERROR(
          AddMessage(MessageOf(account, tracking::EventOfFoundRecord(place, record, found_at), "record_found", now),
                     &changes.messages));
    }
    known.insert_or_assign(read.external_id, read);
    changes.written.insert_or_assign(read.external_id, std::move(read));
  }
  return changes;
}

absl::Status WriteRecords(Transaction& tx, const Ownership& owner, const Records& records) {
  if (records.empty()) return absl::OkStatus();
  std::vector<std::string_view> ids, hashes, tags;
  std::vector<std::optional<absl::Time>> versions, requested, started, ended;
  std::vector<int64_t> readings;
  std::vector<std::string> live;
  for (const auto& [id, record] : records) {
    ids.push_back(id);
    versions.push_back(record.version);
    hashes.push_back(record.content_hash);
    tags.push_back(record.tags_hash.has_value() ? std::string_view(*record.tags_hash) : std::string_view());
    readings.push_back(record.readings);
    requested.emplace_back(record.requested_at);
    live.emplace_back(record.is_live ? "t" : "f");
    started.push_back(record.started_at);
    ended.push_back(record.ended_at);
  }
  return tx
      .Execute(
          "INSERT INTO tracked_records AS r (provider_account_id, business_id, external_id, version, content_hash, "
          "tags_hash, readings, requested_at, is_live, started_at, ended_at) SELECT $1::uuid, $2::uuid, e, v, h, CASE "
          "WHEN "
          "length(t) > 0 THEN t END, n, q, l::boolean, s, x FROM unnest($3::text[], $4::timestamptz[], $5::bytea[], "
          "$6::bytea[], $7::bigint[], $8::timestamptz[], $9::text[], $10::timestamptz[], $11::timestamptz[]) AS u(e, "
          "v, h, t, n, q, l, s, x) ON CONFLICT (provider_account_id, external_id) DO UPDATE SET (version, "
          "content_hash, tags_hash, readings, requested_at, is_live, started_at, ended_at, gone_at, stale_at) = "
          "(EXCLUDED.version, EXCLUDED.content_hash, EXCLUDED.tags_hash, EXCLUDED.readings, EXCLUDED.requested_at, "
          "EXCLUDED.is_live, coalesce(EXCLUDED.started_at, r.started_at), EXCLUDED.ended_at, CASE WHEN r.gone_at >= "
          "EXCLUDED.requested_at THEN r.gone_at END, CASE WHEN r.content_hash = EXCLUDED.content_hash THEN r.stale_at "
          "END)",
          {owner.account_id, owner.business_id, Parameter::Texts(ids), Parameter::Times(versions),
           Parameter::ByteStrings(hashes), Parameter::ByteStrings(tags), Parameter::Bigints(readings),
           Parameter::Times(requested), Parameter::Array(live), Parameter::Times(started), Parameter::Times(ended)})
      .status();
}

absl::Status WriteMessages(Transaction& tx, const Ownership& owner, const std::vector<std::string>& messages) {
  if (messages.empty()) return absl::OkStatus();
  return tx
      .Execute("INSERT INTO tracking_outbox (business_id, message) SELECT $1::uuid, m FROM unnest($2::bytea[]) AS m",
               {owner.business_id, Parameter::ByteStrings({messages.begin(), messages.end()})})
      .status();
}

absl::Status WriteFailures(Transaction& tx, const Ownership& owner, const RecordBatch& batch) {
  for (const tracking::BadCall& bad : batch.bad) {
    TL_RETURN_IF_ERROR(
        tx.Execute("INSERT INTO sync_failures AS f (business_id, provider_account_id, pass, external_id, raw, error, "
                   "raw_sha256) VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (provider_account_id, raw_sha256) DO "
                   "UPDATE SET attempts = f.attempts + 1, seen_at = now(), resolved_at = NULL",
                   {owner.business_id, owner.account_id, batch.pass, bad.external_id, bad.body, bad.error,
                    Parameter::Bytes(Sha256(bad.body))})
            .status());
  }
  std::vector<std::string_view> read;
  read.reserve(batch.calls.size());
  for (const PlatformCall& call : batch.calls) read.push_back(call.call.external_id);
  if (read.empty()) return absl::OkStatus();
  return tx
      .Execute(
          "UPDATE sync_failures SET resolved_at = now() WHERE provider_account_id = $1 AND resolved_at IS NULL AND "
          "external_id = ANY ($2)",
          {owner.account_id, Parameter::Texts(read)})
      .status();
}

using EventOfRecord = events::v1::CallEvent (*)(const tracking::CallPlace&, const tracking::KnownRecord&, absl::Time);

// Marks those that were not marked yet, and tells it of each. What was read after `asked_at`, by another batch than
// this one, is known better.
absl::StatusOr<int64_t> MarkRecords(Transaction& tx, const tracking::Account& account, std::string_view mark,
                                    const std::vector<std::string>& ids, const Records& of_this_batch,
                                    EventOfRecord event_of, std::string_view word, absl::Time asked_at,
                                    Changes* changes) {
  if (ids.empty()) return 0;
  std::vector<std::string_view> own;
  own.reserve(of_this_batch.size());
  for (const auto& [id, record] : of_this_batch) own.push_back(id);
  TL_ASSIGN_OR_RETURN(
      const Result rows,
      tx.Execute(Concat("UPDATE tracked_records SET ", mark,
                        " = $3::timestamptz, is_live = false WHERE provider_account_id = $1 AND external_id = ANY ($2) "
                        "AND (requested_at <= $3::timestamptz OR external_id = ANY ($4)) AND ",
                        mark, " IS NULL RETURNING external_id, ", Micros("coalesce(version, requested_at)"), ", ",
                        Micros("started_at"), ", ", Micros("requested_at")),
                 {account.id, Parameter::Array(ids), asked_at, Parameter::Texts(own)}));
  for (int i = 0; i < rows.size(); ++i) {
    const tracking::KnownRecord record{
        .external_id = rows.String(i, 0), .version = rows.Time(i, 1).value_or(asked_at), .started_at = rows.Time(i, 2)};
    const tracking::CallPlace place{.platform = account.provider, .account_id = account.id};
    const absl::Time found_at = FoundAt(asked_at, record.version, rows.Time(i, 3).value_or(asked_at));
    TL_RETURN_IF_ERROR(
        AddMessage(MessageOf(account, event_of(place, record, found_at), word, asked_at), &changes->messages));
  }
  return rows.size();
}

absl::Status MoveCheckpoint(Transaction& tx, const Ownership& owner, const CheckpointChange& change,
                            const RecordBatch& batch, RecordOutcome* outcome) {
  outcome->checkpoint = change.checkpoint;
  Counters& counters = outcome->checkpoint.counters;
  counters.inserted += outcome->inserted;
  counters.updated += outcome->updated;
  counters.unchanged += outcome->unchanged;
  counters.failed += static_cast<int64_t>(batch.bad.size());
  TL_RETURN_IF_ERROR(WriteCheckpoint(tx, owner.account_id, owner.business_id, change.pass, outcome->checkpoint));
  if (!change.starts && !change.is_finished) return absl::OkStatus();
  const bool tells = change.is_finished && change.tells_lag;
  return tx
      .Execute(
          "UPDATE sync_status SET last_started_at = CASE WHEN $2 THEN now() ELSE last_started_at END, watermark = "
          "CASE WHEN $3 THEN $4 ELSE watermark END, last_successful_sync_at = CASE WHEN $3 THEN now() ELSE "
          "last_successful_sync_at END, last_error = CASE WHEN $3 THEN NULL ELSE last_error END WHERE "
          "provider_account_id = $1",
          {owner.account_id, change.starts, tells, outcome->checkpoint.watermark})
      .status();
}

}  // namespace

bool GoesOn(const tracking::TrackedCall& call) { return !call.status.has_value() || !telephony::IsEnded(*call.status); }

absl::StatusOr<RecordOutcome> RecordStore::Commit(const Ownership& owner, const tracking::Account& account,
                                                  const RecordBatch& batch) {
  bool wrote = false;
  absl::StatusOr<RecordOutcome> committed = pool_.InTransaction([&](Transaction& tx) -> absl::StatusOr<RecordOutcome> {
    RecordOutcome outcome;
    TL_ASSIGN_OR_RETURN(const Result fence,
                        tx.Execute("SELECT FROM sync_status WHERE provider_account_id = $1 AND epoch = $2 FOR SHARE",
                                   {owner.account_id, owner.epoch}));
    if (fence.empty()) {
      outcome.fenced = true;
      return outcome;
    }
    TL_ASSIGN_OR_RETURN(Records known, ReadKnown(tx, owner.account_id, batch));
    const absl::Time now = InMicros(clock_.Now());
    TL_ASSIGN_OR_RETURN(Changes changes, Sort(account, batch, std::move(known), now, &outcome));
    TL_RETURN_IF_ERROR(WriteRecords(tx, owner, changes.written));
    const absl::Time asked_at = InMicros(batch.asked_at.value_or(now));
    TL_ASSIGN_OR_RETURN(outcome.gone, MarkRecords(tx, account, "gone_at", batch.gone, changes.written,
                                                  &tracking::EventOfLostRecord, "record_lost", asked_at, &changes));
    TL_ASSIGN_OR_RETURN(outcome.closed, MarkRecords(tx, account, "stale_at", batch.stale, changes.written,
                                                    &tracking::EventOfStaleCall, "stale_live", asked_at, &changes));
    TL_RETURN_IF_ERROR(WriteMessages(tx, owner, changes.messages));
    TL_RETURN_IF_ERROR(WriteFailures(tx, owner, batch));
    changes.wanted.insert(changes.wanted.end(), batch.wanted.begin(), batch.wanted.end());
    TL_RETURN_IF_ERROR(PutFetches(tx, owner, changes.wanted));
    TL_RETURN_IF_ERROR(FinishFetches(tx, owner, batch.fetches));
    if (batch.checkpoint.has_value()) {
      TL_RETURN_IF_ERROR(MoveCheckpoint(tx, owner, *batch.checkpoint, batch, &outcome));
    }
    wrote = !changes.messages.empty();
    return outcome;
  });
  if (committed.ok() && wrote) written_();
  return committed;
}

}  // namespace trunkline::tracking_sync
