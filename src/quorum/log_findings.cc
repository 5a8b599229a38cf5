#include "quorum/log_findings.h"

#include <fmt/format.h>

#include <string_view>

namespace ottla::quorum {
namespace {

constexpr std::string_view kCure =
    "Nothing was changed. Put back the files as they were, or, if other controllers are well, format this "
    "directory "
    "anew and let them send theirs";

Error refusal(std::string_view path, std::string_view what, std::string_view why,
              std::string_view more = {}) {
  return Error(Errc::corrupt, fmt::format("{}: {}; {}. {}{}", path, what, why, kCure, more));
}

constexpr std::string_view kWasClean =
    "the log was closed in good order, so it was damaged, replaced or shortened since";

Result<void> check_clean(const LogFindings& found, const LogTerms& terms) {
  if (!found.has_folder) {
    return refusal(terms.folder, "the folder of the metadata log is missing",
                   "the directory was closed in good order");
  }
  // To go on with less is for a person to decide.
  const std::string give_up = fmt::format(
      ". Who would rather lose the cluster's metadata from offset {} on removes .kafka_cleanshutdown",
      found.end.raw());
  if (found.bad) return refusal(found.bad->path, found.bad->what, kWasClean, give_up);
  if (found.closed_at && found.end < *found.closed_at) {
    return refusal(terms.folder,
                   fmt::format("the metadata log ends at offset {}, and {} says that it ended at {}",
                               found.end.raw(), found.closed_by, found.closed_at->raw()),
                   kWasClean, give_up);
  }
  if (found.stranger) return refusal(found.stranger->path, found.stranger->what, kWasClean);
  return {};
}

const std::optional<raft::VoterSet>& voters_of(const LogFindings& found, const LogTerms& terms) {
  return found.voters ? found.voters : terms.voters;
}

// What a snapshot of its own log was made of was durable in that log, and a snapshot that a leader sent lies beyond all
// that the log holds. A disk that once failed to sync may have lost some of it all the same: where there are other
// voters, those send it.
Result<void> check_torn(const LogFindings& found, const LogTerms& terms) {
  const std::optional<raft::VoterSet>& voters = voters_of(found, terms);
  if (!found.bad || !terms.snapshot || !voters || voters->size() != 1) return {};
  const Offset proven = terms.snapshot->offset;
  if (found.end >= proven || found.reaches <= proven) return {};
  return refusal(
      found.bad->path, found.bad->what,
      fmt::format("no crash leaves that, since the snapshot at offset {} was made of what is there",
                  proven.raw()));
}

// A quorum of one that is not this replica, and yet this node: nobody could have sent it.
Result<void> check_owner(const LogFindings& found, const LogTerms& terms) {
  const std::optional<raft::VoterSet>& voters = voters_of(found, terms);
  if (!voters || voters->size() != 1 || !terms.self.has_directory()) return {};
  const raft::ReplicaKey& only = voters->begin()->key;
  if (only.id != terms.self.id || only.covers(terms.self)) return {};
  return refusal(
      terms.folder,
      fmt::format("the only voter of this metadata log is node {} with the directory {}", only.id.raw(),
                  only.directory.to_string()),
      fmt::format("meta.properties beside it names the directory {}, so one of them is of another cluster",
                  terms.self.directory.to_string()));
}

}  // namespace

Result<void> check_log(const LogFindings& found, const LogTerms& terms) {
  OTTLA_CHECK(terms.was_clean ? check_clean(found, terms) : check_torn(found, terms));
  return check_owner(found, terms);
}

}  // namespace ottla::quorum
