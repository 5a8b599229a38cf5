#include "raft/quorum_state_file.h"

#include <fmt/format.h>

#include <limits>
#include <optional>
#include <utility>

#include "base/arena.h"
#include "base/budget.h"
#include "base/invariant.h"
#include "base/json_text.h"
#include "base/json_value.h"

namespace ottla::raft {
namespace {

constexpr std::string_view kVersion = "data_version";

Error fault(Errc code, std::string_view path, std::string_view what) {
  return Error(
      code, fmt::format("{}: {}. It says for whom this node voted, so nothing may be guessed: put back the "
                        "file as it was. If it is lost for good, remove this node from the voters, format "
                        "its metadata directory anew (which gives it a new directory id), and add it again.",
                        path, what));
}

// The members of the one object, taken one by one; what is left over is not ours.
class Reader {
 public:
  Reader(const JsonValue& object, std::string_view path) : object_(object), path_(path) {}

  Error bad(std::string_view name, std::string_view wanted) const {
    return fault(Errc::malformed, path_, fmt::format("{} is not {}", name, wanted));
  }
  Result<const JsonValue*> member(std::string_view name) {
    ++taken_;
    const JsonValue* value = object_.find(name);
    if (value == nullptr) return fault(Errc::malformed, path_, fmt::format("{} is missing", name));
    return value;
  }
  Result<std::int32_t> number(std::string_view name, std::int32_t least) {
    OTTLA_TRY(const JsonValue* value, member(name));
    const std::optional<std::int64_t> number = value->integer();
    if (!number || *number < least || *number > std::numeric_limits<std::int32_t>::max()) {
      return bad(name, fmt::format("a number from {} to 2147483647", least));
    }
    return static_cast<std::int32_t>(*number);
  }
  Result<void> end() const {
    if (object_.size() == taken_) return {};
    return fault(Errc::malformed, path_, "it has members that its version does not know");
  }

 private:
  const JsonValue& object_;
  std::string_view path_;
  std::size_t taken_ = 0;
};

// Checked and forgotten: today the log or the configuration says who votes.
Result<void> read_version_0_extras(Reader& reader) {
  OTTLA_TRY(const JsonValue* cluster, reader.member("clusterId"));
  if (!cluster->text()) return reader.bad("clusterId", "a text");
  OTTLA_TRY(const JsonValue* applied, reader.member("appliedOffset"));
  if (!applied->integer()) return reader.bad("appliedOffset", "a number");
  OTTLA_TRY(const JsonValue* voters, reader.member("currentVoters"));
  if (voters->is_null()) return {};
  if (voters->kind() != JsonKind::array) return reader.bad("currentVoters", "a list");
  for (const JsonValue& voter : *voters) {
    const JsonValue* id = voter.find("voterId");
    if (id == nullptr || voter.size() != 1 || !id->integer()) {
      return reader.bad("currentVoters", "a list of objects with a voterId each");
    }
  }
  return {};
}

Result<Uuid> read_directory(Reader& reader) {
  OTTLA_TRY(const JsonValue* value, reader.member("votedDirectoryId"));
  if (!value->text()) return reader.bad("votedDirectoryId", "a text");
  const Result<Uuid> directory = Uuid::parse(*value->text());
  if (!directory.ok()) return reader.bad("votedDirectoryId", "an id of 22 characters");
  return *directory;
}

Result<ElectionState> read_members(Reader& reader, std::int64_t version, std::string_view path) {
  ElectionState state;
  OTTLA_TRY(const std::int32_t leader, reader.number("leaderId", -1));
  state.leader = NodeId(leader);
  OTTLA_TRY(const std::int32_t epoch, reader.number("leaderEpoch", 0));
  state.epoch = LeaderEpoch(epoch);
  OTTLA_TRY(const std::int32_t voted, reader.number("votedId", -1));
  Uuid directory;
  if (version == 0) {
    OTTLA_CHECK(read_version_0_extras(reader));
  } else {
    OTTLA_TRY(const Uuid read, read_directory(reader));
    directory = read;
  }
  OTTLA_CHECK(reader.end());
  if (voted >= 0) {
    state.voted = ReplicaKey{NodeId(voted), directory};
  } else if (!directory.is_zero()) {
    return fault(Errc::malformed, path, "it names the directory of a vote, but nobody who got it");
  }
  return state;
}

}  // namespace

std::string encode_quorum_state(const ElectionState& state, std::int16_t version,
                                std::span<const NodeId> voters) {
  OTTLA_INVARIANT(version == 0 || version == 1, "quorum-state has two versions", version);
  std::string text;
  JsonText json(text);
  json.begin_object();
  if (version == 0) json.key("clusterId"), json.text("");
  json.key("leaderId"), json.integer(state.leader.raw());
  json.key("leaderEpoch"), json.integer(state.epoch.raw());
  json.key("votedId"), json.integer(state.voted ? state.voted->id.raw() : -1);
  if (version == 0) {
    json.key("appliedOffset"), json.integer(0);
    json.key("currentVoters"), json.begin_array();
    for (const NodeId voter : voters) {
      json.begin_object();
      json.key("voterId"), json.integer(voter.raw());
      json.end_object();
    }
    json.end_array();
  } else {
    json.key("votedDirectoryId"), json.text((state.voted ? state.voted->directory : kZeroUuid).to_string());
  }
  json.key(kVersion), json.integer(version);
  json.end_object();
  return text;
}

Result<ElectionState> parse_quorum_state(std::string_view text, std::string_view path) {
  Budget budget("quorum-state", 256 * kMostQuorumStateBytes);
  Arena arena(budget);
  if (text.size() > kMostQuorumStateBytes) return fault(Errc::malformed, path, "it is too long");
  const Result<const JsonValue*> root = parse_json(text, arena);
  if (!root.ok()) return fault(Errc::malformed, path, root.error().text());
  if ((*root)->kind() != JsonKind::object) return fault(Errc::malformed, path, "it is not a JSON object");
  Reader reader(**root, path);
  OTTLA_TRY(const JsonValue* value, reader.member(kVersion));
  const std::optional<std::int64_t> version = value->integer();
  if (!version) return reader.bad(kVersion, "a number");
  if (*version < 0 || *version > 1) {
    return fault(Errc::unsupported, path, fmt::format("{} is {}, and 0 and 1 are known", kVersion, *version));
  }
  return read_members(reader, *version, path);
}

}  // namespace ottla::raft
