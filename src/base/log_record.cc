#include "base/log_record.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#include "base/invariant.h"

namespace ottla {
namespace {

enum class Tag : std::uint8_t { signed_integer, unsigned_integer, floating, boolean, string, redacted };

// Precedes each field; `bits` is the value itself, or a string's length.
struct FieldHeader {
  std::string_view key;
  std::uint64_t bits = 0;
  std::uint32_t cut = 0;
  Tag tag = Tag::redacted;
};

// Where a string may be cut: never inside a UTF-8 sequence, as far as the bytes are UTF-8.
std::size_t cut_at(std::string_view text, std::size_t limit) {
  if (text.size() <= limit) return text.size();
  for (std::size_t end = limit; end > 0 && limit - end < 4; --end) {
    if ((static_cast<unsigned char>(text[end]) & 0xC0U) != 0x80U) return end;
  }
  return limit;
}

class Encoder final : LogValueTaker {
 public:
  explicit Encoder(std::span<std::byte, kMaxLogRecord> out) : out_(out) {}

  std::size_t size() const { return used_; }
  std::size_t room() const { return out_.size() - used_; }

  // False if there is no room for it.
  bool add(const LogField& field) {
    if (room() < sizeof(FieldHeader)) return false;
    const std::size_t start = used_;
    used_ += sizeof(FieldHeader);
    header_ = FieldHeader{.key = field.key};
    take(field.value);
    if (header_.tag == Tag::string) header_.bits = used_ - start - sizeof(FieldHeader);
    std::memcpy(&out_[start], &header_, sizeof header_);
    return true;
  }

 private:
  void take(const LogValue& value) override {
    std::visit([this](const auto& direct) { put(direct); }, value);
  }
  void put(LogLazy lazy) { lazy.ask(lazy.source, *this); }
  void put(std::int64_t value) { set(Tag::signed_integer, std::bit_cast<std::uint64_t>(value)); }
  void put(std::uint64_t value) { set(Tag::unsigned_integer, value); }
  void put(double value) { set(Tag::floating, std::bit_cast<std::uint64_t>(value)); }
  void put(bool value) { set(Tag::boolean, value ? 1 : 0); }
  void put(Redacted) { set(Tag::redacted, 0); }
  void put(std::string_view text) {
    set(Tag::string, 0);
    string_room_ = std::min(kMaxLogString, room());
    append(text);
  }
  // As Error::to_string() does, without its allocations.
  void put(const Error* error) {
    set(Tag::string, 0);
    string_room_ = std::min(kMaxLogString, room());
    for (std::string_view before = ""; error != nullptr; error = error->cause(), before = "; caused by: ") {
      append(before);
      append(name_of(error->code()));
      if (error->text().empty()) continue;
      append(": ");
      append(error->text());
    }
  }

  void set(Tag tag, std::uint64_t bits) {
    header_.tag = tag;
    header_.bits = bits;
  }

  void append(std::string_view text) {
    // Once something was cut, nothing follows: no words after a gap.
    const std::size_t kept = header_.cut == 0 ? cut_at(text, string_room_) : 0;
    if (kept > 0) std::memcpy(&out_[used_], text.data(), kept);
    used_ += kept;
    string_room_ -= kept;
    header_.cut +=
        static_cast<std::uint32_t>(std::min<std::size_t>(text.size() - kept, UINT32_MAX - header_.cut));
  }

  std::span<std::byte, kMaxLogRecord> out_;
  std::size_t used_ = sizeof(LogRecordHeader);
  std::size_t string_room_ = 0;
  FieldHeader header_;
};

}  // namespace

std::size_t encode_log_record(std::span<std::byte, kMaxLogRecord> out, LogRecordHeader header,
                              std::span<const LogField> fields) {
  Encoder encoder(out);
  header.fields = header.fields_left_out = 0;
  for (const LogField& field : fields) {
    std::uint8_t& count = encoder.add(field) ? header.fields : header.fields_left_out;
    if (count < UINT8_MAX) ++count;
  }
  std::memcpy(out.data(), &header, sizeof header);
  return encoder.size();
}

LogRecordView::LogRecordView(std::span<const std::byte> record) {
  OTTLA_INVARIANT(record.size() >= sizeof header_, "log record is shorter than its header", record.size());
  std::memcpy(&header_, record.data(), sizeof header_);
  rest_ = record.subspan(sizeof header_);
  fields_left_ = header_.fields;
}

std::optional<LogFieldView> LogRecordView::next_field() {
  if (fields_left_ == 0) return std::nullopt;
  --fields_left_;
  FieldHeader header;
  OTTLA_INVARIANT(rest_.size() >= sizeof header, "log record ends inside a field", rest_.size());
  std::memcpy(&header, rest_.data(), sizeof header);
  rest_ = rest_.subspan(sizeof header);
  LogFieldView field{header.key, Redacted{}, header.cut};
  switch (header.tag) {
    case Tag::signed_integer:
      field.value = std::bit_cast<std::int64_t>(header.bits);
      break;
    case Tag::unsigned_integer:
      field.value = header.bits;
      break;
    case Tag::floating:
      field.value = std::bit_cast<double>(header.bits);
      break;
    case Tag::boolean:
      field.value = header.bits != 0;
      break;
    case Tag::string:
      OTTLA_INVARIANT(rest_.size() >= header.bits, "log record ends inside a string", rest_.size(),
                      header.bits);
      field.value = std::string_view(reinterpret_cast<const char*>(rest_.data()), header.bits);
      rest_ = rest_.subspan(header.bits);
      break;
    case Tag::redacted:
      break;
  }
  return field;
}

}  // namespace ottla
