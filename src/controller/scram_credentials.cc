#include "controller/scram_credentials.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "metadata/credentials.h"
#include "security/scram_keys.h"

namespace ottla::controller {
namespace {

using metadata::ScramMechanism;
using metadata::ScramUser;
using protocol::AlterUserScramCredentialsRequest;
using protocol::AlterUserScramCredentialsResponse;
using Deletion = AlterUserScramCredentialsRequest::ScramCredentialDeletion;
using Upsertion = AlterUserScramCredentialsRequest::ScramCredentialUpsertion;
using Answer = AlterUserScramCredentialsResponse::AlterUserScramCredentialsResult;

ApiError check_user(std::string_view name, std::int8_t mechanism) {
  if (name.empty()) return {ErrorCode::unacceptable_credential, "Username must not be empty"};
  if (metadata::scram_mechanism_of(mechanism) == ScramMechanism::unknown) {
    return {ErrorCode::unsupported_sasl_mechanism, "Unknown SCRAM mechanism"};
  }
  return {};
}

ApiError check(const State& state, const Deletion& deletion) {
  if (ApiError error = check_user(deletion.name, deletion.mechanism); !error.ok()) return error;
  const ScramUser user{metadata::scram_mechanism_of(deletion.mechanism), std::string(deletion.name)};
  if (state.image().scram.contains(user)) return {};
  return {ErrorCode::resource_not_found, "Attempt to delete a user credential that does not exist"};
}

ApiError check(const State&, const Upsertion& upsertion) {
  if (ApiError error = check_user(upsertion.name, upsertion.mechanism); !error.ok()) return error;
  if (upsertion.iterations < security::kLeastScramIterations) {
    return {ErrorCode::unacceptable_credential, "Too few iterations"};
  }
  if (upsertion.iterations > security::kMostScramIterations) {
    return {ErrorCode::unacceptable_credential, "Too many iterations"};
  }
  return {};
}

struct Verdict {
  std::string_view user;
  ApiError error;
};

// Each user may be altered once in a request.
class Alteration {
 public:
  explicit Alteration(const State& state) : state_(state) {}

  template <typename Change>
  void take(const Change& change) {
    if (refused_.contains(change.name)) return;
    if (!users_.insert(change.name).second) {
      return refuse(change.name, {ErrorCode::duplicate_resource,
                                  "A user credential cannot be altered twice in the same request"});
    }
    if (!metadata::has_scram(state_.version())) {
      return refuse(change.name,
                    {ErrorCode::unsupported_version, "The current metadata.version does not support SCRAM"});
    }
    if (ApiError error = check(state_, change); !error.ok()) refuse(change.name, std::move(error));
  }

  void write(const Deletion& deletion, RecordList& records) {
    if (refused_.contains(deletion.name)) return;
    protocol::RemoveUserScramCredentialRecord record;
    record.name = deletion.name;
    record.mechanism = deletion.mechanism;
    records.add(record, 0);
    done_.push_back({deletion.name, {}});
  }

  void write(const Upsertion& upsertion, RecordList& records) {
    if (refused_.contains(upsertion.name)) return;
    const auto hash = metadata::scram_mechanism_of(upsertion.mechanism) == ScramMechanism::sha_256
                          ? security::ScramHash::sha_256
                          : security::ScramHash::sha_512;
    const auto keys = security::scram_keys(hash, upsertion.salted_password.as_span());
    // A password that no key can be made of: clients know this as an unexpected error.
    if (!keys.ok()) return refuse(upsertion.name, ErrorCode::unknown_server_error);
    protocol::UserScramCredentialRecord record;
    record.name = upsertion.name;
    record.mechanism = upsertion.mechanism;
    record.salt = upsertion.salt;
    record.stored_key = keys->stored_key;
    record.server_key = keys->server_key;
    record.iterations = upsertion.iterations;
    records.add(record, 0);
    done_.push_back({upsertion.name, {}});
  }

  std::vector<Verdict> verdicts() && {
    std::ranges::move(wrong_, std::back_inserter(done_));
    return std::move(done_);
  }

 private:
  void refuse(std::string_view user, ApiError error) {
    refused_.insert(user);
    wrong_.push_back({user, std::move(error)});
  }

  const State& state_;
  std::set<std::string_view> users_;
  std::set<std::string_view> refused_;
  std::vector<Verdict> done_;
  std::vector<Verdict> wrong_;
};

Result<> answer(const std::vector<Verdict>& verdicts, Arena& arena,
                AlterUserScramCredentialsResponse& response) {
  OTTLA_TRY(const std::span<Answer> answers, arena.make_span<Answer>(verdicts.size()));
  for (std::size_t each = 0; each < answers.size(); ++each) {
    answers[each].user = verdicts[each].user;
    answers[each].error_code = verdicts[each].error.wire_code();
    OTTLA_TRY(answers[each].error_message, message_text(verdicts[each].error, arena));
  }
  response.results = answers;
  return {};
}

}  // namespace

ApiError alter_user_scram_credentials(const State& state, const AlterUserScramCredentialsRequest& request,
                                      Call& call, AlterUserScramCredentialsResponse& response) {
  Alteration alteration(state);
  for (const Deletion& each : request.deletions) alteration.take(each);
  for (const Upsertion& each : request.upsertions) alteration.take(each);
  for (const Deletion& each : request.deletions) alteration.write(each, call.records);
  for (const Upsertion& each : request.upsertions) alteration.write(each, call.records);
  const Result<> answered = answer(std::move(alteration).verdicts(), call.arena, response);
  return answered.ok() ? ApiError() : ApiError(answered.error());
}

Result<> refuse_alter_user_scram_credentials(const AlterUserScramCredentialsRequest& request,
                                             const ApiError& error, Arena& arena,
                                             AlterUserScramCredentialsResponse& response) {
  std::set<std::string_view> users;
  std::vector<Verdict> verdicts;
  const auto add = [&](std::string_view user) {
    if (users.insert(user).second) verdicts.push_back({user, {error.code, std::string(message_of(error))}});
  };
  for (const Deletion& each : request.deletions) add(each.name);
  for (const Upsertion& each : request.upsertions) add(each.name);
  return answer(verdicts, arena, response);
}

}  // namespace ottla::controller
