// Codecs for the few messages on the way of a record: the tables, known to the compiler and unrolled.
//
// The leaves are those of the codecs over tables: one meaning at two speeds, and tests hold both against each
// other. The newest version, which peers of the same age speak, has code of its own; the others share theirs. A hot
// codec notes no paths; codec.cc asks the tables again when it meets a fault.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/invariant.h"
#include "protocol/encoder.h"
#include "protocol/hot_fields.h"
#include "protocol/hot_reader.h"
#include "protocol/hot_writer.h"
#include "protocol/schema.h"
#include "protocol/wire_reader.h"

namespace ottla::protocol {

template <const StructureInfo& Info, Versions Valid, Versions Flexible>
class HotCodec {
 public:
  static constexpr CodecFunctions functions() {
    return {.decode = &decode, .measure = &measure, .write = &write};
  }
  static constexpr CodecFunctions view_functions() { return {.decode = &decode}; }

  // One element of a sequence, whose bytes were checked before. Returns the place behind it.
  static const std::byte* read_in_place(const std::byte* at, const std::byte* end, std::int16_t version,
                                        std::byte* out) {
    const std::byte* behind = version == Valid.last ? read_element<kNewest>(at, end, version, out)
                                                    : read_element<kAll>(at, end, version, out);
    OTTLA_INVARIANT(behind != nullptr, "an element that was checked cannot be read");
    return behind;
  }

 private:
  static constexpr HotRange kAll = {.valid = Valid, .flexible = Flexible};
  static constexpr HotRange kNewest = {.valid = {Valid.last, Valid.last}, .flexible = Flexible};

  static bool decode(WireReader& reader, std::byte* out) {
    return reader.version() == Valid.last ? decode_as<kNewest>(reader, out) : decode_as<kAll>(reader, out);
  }
  static bool measure(Measure& sink, const std::byte* in) {
    return sink.version() == Valid.last ? measure_as<kNewest>(sink, in) : measure_as<kAll>(sink, in);
  }
  static bool write(WriteSink& sink, const std::byte* in) {
    return sink.version() == Valid.last ? write_as<kNewest>(sink, in) : write_as<kAll>(sink, in);
  }

  // Apart, so that one does not take the other's registers.
  template <HotRange Range>
  [[gnu::noinline]] static bool decode_as(WireReader& reader, std::byte* out) {
    WireReader own(reader.rest(), Range.known(reader.version()), Range.is_flexible(reader.version()),
                   reader.arena(), reader.log());
    if (!HotReader<Info, Range>::read(own, out)) return false;
    reader.move_to(own.at());
    return true;
  }
  // Null when something is wrong.
  template <HotRange Range>
  [[gnu::always_inline]] static const std::byte* read_element(const std::byte* at, const std::byte* end,
                                                              std::int16_t version, std::byte* out) {
    WireReader reader({at, end}, Range.known(version), Range.is_flexible(version), nullptr, nullptr);
    return HotReader<Info, Range>::read(reader, out) ? reader.at() : nullptr;
  }
  template <HotRange Range>
  [[gnu::noinline]] static bool measure_as(Measure& sink, const std::byte* in) {
    HotMeasure count(sink, Range.known(sink.version()), Range.is_flexible(sink.version()));
    const bool fits = HotWriter<Info, Range>::put(count, in);
    count.report();
    return fits;
  }
  template <HotRange Range>
  [[gnu::noinline]] static bool write_as(WriteSink& sink, const std::byte* in) {
    HotWrite write(sink, Range.known(sink.version()), Range.is_flexible(sink.version()));
    HotWriter<Info, Range>::put(write, in);
    write.report();
    return true;
  }
};

}  // namespace ottla::protocol
