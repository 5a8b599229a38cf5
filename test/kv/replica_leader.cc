#include <algorithm>
#include <functional>

#include "test/kv/replica.h"

namespace ottla::kv {
namespace {

constexpr std::size_t kEntriesPerMessage = 512;
constexpr Index kMostUncommitted = 2048;

}  // namespace

bool Replica::propose(Route route, std::span<const Command> commands) {
  if (role_ != Role::leader || log_.last_index() - commit_ + commands.size() > kMostUncommitted) return false;
  for (const Command& command : commands) {
    if (!acceptable(command)) continue;
    log_.append({ballot_.term, command});
    pending_.push_back({log_.last_index(), route, command.sequence});
  }
  return true;
}

// All that was handed to the disk and that this follower has not been sent.
void Replica::send_entries(NodeId to, Instant now) {
  Peer& follower = peer(to);
  if (follower.next > disk_.queued()) return;
  const std::size_t count = std::min<std::size_t>(disk_.queued() - follower.next + 1, kEntriesPerMessage);
  const auto entries = log_.from(follower.next, count);
  const Index previous = follower.next - 1;
  send(to, Append{previous, log_.term_at(previous), commit_, {entries.begin(), entries.end()}});
  follower.next += count;
  follower.sent = now;
}

void Replica::heartbeat(Instant now) {
  deadline_ = now + config_.timing.heartbeat;
  std::size_t heard = 1;
  for_each_peer([&](NodeId node) {
    if (now < peer(node).heard + 2 * config_.timing.longest_silence) ++heard;
  });
  if (!majority(heard)) return follow(ballot_.term, kNoNode, now);  // clients may find a better one
  for_each_peer([&](NodeId node) {
    Peer& follower = peer(node);
    if (now < follower.sent + config_.timing.heartbeat) return;
    const Index previous = std::min(follower.next - 1, log_.last_index());
    send(node, Append{previous, log_.term_at(previous), commit_, {}});
    follower.sent = now;
  });
}

void Replica::receive_append_reply(NodeId from, const AppendReply& reply, Instant now) {
  if (role_ != Role::leader || reply.index > log_.last_index()) return;
  Peer& follower = peer(from);
  follower.votes = reply.votes;
  if (reply.matched) {
    follower.match = std::max(follower.match, reply.index);
    follower.next = std::max(follower.next, follower.match + 1);
    count_commit();
  } else {
    follower.next = std::min(follower.next, std::max(follower.match, reply.index) + 1);
  }
  send_entries(from, now);
}

void Replica::count_commit() {
  std::array<Index, kMaxNodes> held{};
  std::size_t count = 0;
  held[count++] = disk_.durable();
  for_each_peer([&](NodeId node) { held[count++] = peer(node).votes ? peer(node).match : 0; });
  std::sort(held.begin(), held.begin() + static_cast<std::ptrdiff_t>(count), std::greater<>());
  const Index common = held[count / 2];
  if (log_.term_at(common) == ballot_.term) advance_commit(common);
}

}  // namespace ottla::kv
