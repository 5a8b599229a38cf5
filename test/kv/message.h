// What travels: between nodes, and between clients and nodes. One frame is [size u32][kind u8][body].
//
// Bodies are big-endian fields in the order of the structs below; a list begins with its count (u32).
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <variant>
#include <vector>

#include "base/chain.h"
#include "base/node_id.h"
#include "base/result.h"
#include "test/kv/command.h"

namespace ottla::kv {

// --- Between nodes

struct VoteRequest {
  Index last_index = 0;
  Term last_term;
};
struct VoteReply {
  bool granted = false;
};
// Entries that follow `previous`; none of them in a heartbeat.
struct Append {
  Index previous_index = 0;
  Term previous_term;
  Index commit = 0;
  std::vector<Entry> entries;
};
struct AppendReply {
  bool matched = false;
  bool votes = false;  // false: the sender lost its disk and must not be counted yet
  Index index = 0;     // matched: durable and equal up to here; else: equal at most up to here
};
// A node without memory asks for the terms of all others, then for a leader newer than all of these.
struct Rejoin {
  std::uint64_t nonce = 0;
  std::optional<Term> floor;
};
struct RejoinReply {
  std::uint64_t nonce = 0;
};

using MessageBody = std::variant<VoteRequest, VoteReply, Append, AppendReply, Rejoin, RejoinReply>;
struct Message {
  NodeId from;
  Term term;
  MessageBody body;
};

// --- Between clients and nodes

struct Request {
  std::vector<Command> commands;
};
struct Answered {
  std::uint32_t sequence = 0;
  Answer answer;
};
struct Reply {
  std::vector<Answered> answers;
};
// The commands under way here may or may not happen; ask `leader` (kNoNode: anyone).
struct Redirect {
  NodeId leader = kNoNode;
};

using Frame = std::variant<Message, Request, Reply, Redirect>;

inline constexpr std::size_t kFrameHeader = 4;
inline constexpr std::size_t kMaxFrame = std::size_t{1} << 20;

Chain encode(const Message& message);
Chain encode(const Request& request);
Chain encode(std::span<const Answered> answers);
Chain encode(const Redirect& redirect);
// `frame` is what follows the size. Bytes left over are malformed.
Result<Frame> decode(std::span<const std::byte> frame);

}  // namespace ottla::kv
