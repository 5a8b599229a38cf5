// Logs of records with keys: written and read as short texts.
//
//    co_await put(log, {"a=1", "b=1"});            // one batch
//    EXPECT_EQ(co_await records(log), "0 a=1, 1 b=1");
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

#include "record/testing/made_batch.h"
#include "test/storage/log/log_language.h"

namespace ottla::storage {

inline Task<void> put(Log& log, std::initializer_list<std::string_view> records) {
  const AppendOutcome outcome =
      co_await log.append_as_leader(ExclusiveBytes(record::testing::MadeBatch(records).slice()),
                                    LeaderEpoch(0), {.origin = record::AppendOrigin::coordinator});
  (void)outcome.info();
}

// "0 a=1, 3 b=2": the records by their offsets.
inline Task<std::string> records(Log& log) {
  std::string out;
  Offset at = log.log_start();
  while (at < log.log_end()) {
    const Fetched fetched = co_await must(log.read({.start = at, .max_bytes = 1 << 20}));
    const std::string bytes = co_await bytes_of(fetched.records.clone());
    if (bytes.empty()) break;
    for (auto left = std::as_bytes(std::span(bytes)); !left.empty();) {
      const auto batch = record::BatchView::first_of(left).value();
      left = left.subspan(batch.size());
      if (!batch.crc_holds()) co_return out + "!";
      record::RecordReader reader(batch.records(), batch.count());
      while (!reader.at_end()) {
        const auto record = reader.next().value();
        const auto text = [](const auto& some) {
          return std::string(reinterpret_cast<const char*>(some->data()), some->size());
        };
        out += (out.empty() ? "" : ", ") + (batch.base_offset() + record.offset_delta).to_string() + " " +
               text(record.key) + "=" + text(record.value);
      }
    }
    at = fetched.next;
  }
  co_return out;
}

}  // namespace ottla::storage
