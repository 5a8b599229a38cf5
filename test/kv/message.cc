#include "test/kv/message.h"

#include <array>
#include <utility>

#include "base/byte_reader.h"
#include "base/byte_writer.h"
#include "base/endian.h"

namespace ottla::kv {
namespace {

enum class Kind : std::uint8_t {
  vote_request,
  vote_reply,
  append,
  append_reply,
  rejoin,
  rejoin_reply,
  request,
  reply,
  redirect,
};
constexpr std::size_t kMessageHeader = 4 + 8;
constexpr std::size_t kAnsweredSize = 4 + 1 + 8 + 8;

// A writer for one frame whose body has `size` bytes, with size and kind written already.
ByteWriter begin(Kind kind, std::size_t size) {
  ByteWriter writer = ByteWriter::exact(kFrameHeader + 1 + size);
  writer.write_u32(static_cast<std::uint32_t>(1 + size));
  writer.write_u8(static_cast<std::uint8_t>(kind));
  return writer;
}

ByteWriter begin_message(const Message& message, Kind kind, std::size_t size) {
  ByteWriter writer = begin(kind, kMessageHeader + size);
  writer.write_i32(message.from.raw());
  writer.write_u64(message.term.raw());
  return writer;
}

struct BodyEncoder {
  const Message& message;

  Chain operator()(const VoteRequest& body) const {
    ByteWriter writer = begin_message(message, Kind::vote_request, 16);
    writer.write_u64(body.last_index);
    writer.write_u64(body.last_term.raw());
    return std::move(writer).finish();
  }
  Chain operator()(const VoteReply& body) const {
    ByteWriter writer = begin_message(message, Kind::vote_reply, 1);
    writer.write_bool(body.granted);
    return std::move(writer).finish();
  }
  Chain operator()(const Append& body) const {
    ByteWriter writer = begin_message(message, Kind::append, 28 + (body.entries.size() * kEntrySize));
    writer.write_u64(body.previous_index);
    writer.write_u64(body.previous_term.raw());
    writer.write_u64(body.commit);
    writer.write_u32(static_cast<std::uint32_t>(body.entries.size()));
    for (const Entry& entry : body.entries) {
      std::array<std::byte, kEntrySize> bytes;
      store_entry(bytes.data(), entry);
      writer.write_bytes(bytes);
    }
    return std::move(writer).finish();
  }
  Chain operator()(const AppendReply& body) const {
    ByteWriter writer = begin_message(message, Kind::append_reply, 10);
    writer.write_bool(body.matched);
    writer.write_bool(body.votes);
    writer.write_u64(body.index);
    return std::move(writer).finish();
  }
  Chain operator()(const Rejoin& body) const {
    ByteWriter writer = begin_message(message, Kind::rejoin, 17);
    writer.write_u64(body.nonce);
    writer.write_bool(body.floor.has_value());
    writer.write_u64(body.floor.value_or(Term()).raw());
    return std::move(writer).finish();
  }
  Chain operator()(const RejoinReply& body) const {
    ByteWriter writer = begin_message(message, Kind::rejoin_reply, 8);
    writer.write_u64(body.nonce);
    return std::move(writer).finish();
  }
};

Result<Term> read_term(ByteReader& reader) {
  OTTLA_TRY(const std::uint64_t raw, reader.read_u64());
  return Term(raw);
}

// A list whose elements have `Size` bytes each on the wire.
template <std::size_t Size, typename T>
Result<std::vector<T>> read_list(ByteReader& reader, Result<T> (*load)(const std::byte*)) {
  OTTLA_TRY(const std::uint32_t count, reader.read_u32());
  if (count > reader.remaining() / Size) return Errc::truncated;
  OTTLA_TRY(const std::span<const std::byte> bytes, reader.read_bytes(count * Size));
  std::vector<T> list;
  list.reserve(count);
  for (std::size_t at = 0; at < bytes.size(); at += Size) {
    OTTLA_TRY(T element, load(bytes.data() + at));
    list.push_back(std::move(element));
  }
  return list;
}

// The other way round, with the header of a frame of `kind` in front.
template <std::size_t Size, typename T, typename Store>
Slice list_frame(Kind kind, std::span<const T> list, Store store) {
  const std::size_t size = 1 + 4 + (list.size() * Size);
  MutableBuffer buffer = MutableBuffer::on_heap(kFrameHeader + size);
  std::byte* at = buffer.spare().data();
  store_big_endian(at, static_cast<std::uint32_t>(size));
  at[kFrameHeader] = static_cast<std::byte>(kind);
  store_big_endian(at + kFrameHeader + 1, static_cast<std::uint32_t>(list.size()));
  at += kFrameHeader + 1 + 4;
  for (const T& element : list) {
    store(at, element);
    at += Size;
  }
  return std::move(buffer).freeze(kFrameHeader + size);
}

void store_answered(std::byte* at, const Answered& answered) {
  store_big_endian(at, answered.sequence);
  at[4] = static_cast<std::byte>(answered.answer.done);
  store_big_endian(at + 5, answered.answer.version);
  store_big_endian(at + 13, answered.answer.value);
}

Result<Answered> load_answered(const std::byte* from) {
  return Answered{load_big_endian<std::uint32_t>(from),
                  {from[4] != std::byte{0}, load_big_endian<std::uint64_t>(from + 5),
                   load_big_endian<std::uint64_t>(from + 13)}};
}

Result<MessageBody> read_append(ByteReader& reader) {
  Append body;
  OTTLA_TRY(body.previous_index, reader.read_u64());
  OTTLA_TRY(body.previous_term, read_term(reader));
  OTTLA_TRY(body.commit, reader.read_u64());
  OTTLA_TRY(body.entries, read_list<kEntrySize>(reader, load_entry));
  return MessageBody(std::move(body));
}

Result<MessageBody> read_body(ByteReader& reader, Kind kind) {
  switch (kind) {
    case Kind::vote_request: {
      VoteRequest body;
      OTTLA_TRY(body.last_index, reader.read_u64());
      OTTLA_TRY(body.last_term, read_term(reader));
      return MessageBody(body);
    }
    case Kind::vote_reply: {
      VoteReply body;
      OTTLA_TRY(body.granted, reader.read_bool());
      return MessageBody(body);
    }
    case Kind::append:
      return read_append(reader);
    case Kind::append_reply: {
      AppendReply body;
      OTTLA_TRY(body.matched, reader.read_bool());
      OTTLA_TRY(body.votes, reader.read_bool());
      OTTLA_TRY(body.index, reader.read_u64());
      return MessageBody(body);
    }
    case Kind::rejoin: {
      Rejoin body;
      OTTLA_TRY(body.nonce, reader.read_u64());
      OTTLA_TRY(const bool has_floor, reader.read_bool());
      OTTLA_TRY(const Term floor, read_term(reader));
      if (has_floor) body.floor = floor;
      return MessageBody(body);
    }
    case Kind::rejoin_reply: {
      RejoinReply body;
      OTTLA_TRY(body.nonce, reader.read_u64());
      return MessageBody(body);
    }
    default:
      return Errc::malformed;
  }
}

Result<Frame> read_frame(ByteReader& reader) {
  OTTLA_TRY(const std::uint8_t raw_kind, reader.read_u8());
  const auto kind = static_cast<Kind>(raw_kind);
  switch (kind) {
    case Kind::request: {
      OTTLA_TRY(auto commands, read_list<kCommandSize>(reader, load_command));
      return Frame(Request{std::move(commands)});
    }
    case Kind::reply: {
      OTTLA_TRY(auto answers, read_list<kAnsweredSize>(reader, load_answered));
      return Frame(Reply{std::move(answers)});
    }
    case Kind::redirect: {
      OTTLA_TRY(const std::int32_t leader, reader.read_i32());
      return Frame(Redirect{NodeId(leader)});
    }
    default: {
      OTTLA_TRY(const std::int32_t from, reader.read_i32());
      OTTLA_TRY(const Term term, read_term(reader));
      OTTLA_TRY(MessageBody body, read_body(reader, kind));
      return Frame(Message{NodeId(from), term, std::move(body)});
    }
  }
}

}  // namespace

Chain encode(const Message& message) {
  return std::visit(BodyEncoder{message}, message.body);
}

Chain encode(const Request& request) {
  return Chain(
      list_frame<kCommandSize>(Kind::request, std::span<const Command>(request.commands), store_command));
}

Chain encode(std::span<const Answered> answers) {
  return Chain(list_frame<kAnsweredSize>(Kind::reply, answers, store_answered));
}

Chain encode(const Redirect& redirect) {
  ByteWriter writer = begin(Kind::redirect, 4);
  writer.write_i32(redirect.leader.raw());
  return std::move(writer).finish();
}

Result<Frame> decode(std::span<const std::byte> frame) {
  ByteReader reader(frame);
  OTTLA_TRY(Frame decoded, read_frame(reader));
  if (!reader.at_end()) return Errc::malformed;
  return decoded;
}

}  // namespace ottla::kv
