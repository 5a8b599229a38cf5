#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "runtime/file.h"
#include "runtime/tls/testing/tls_table.h"

namespace ottla {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

// Bytes that repeat nowhere near, so that a lost or doubled piece shows.
std::string pattern(std::size_t size) {
  std::string text(size, '\0');
  Random random(size);
  for (char& c : text) c = static_cast<char>(random.next());
  return text;
}

Task<std::string> read_to_end(Stream& stream) {
  std::string all;
  std::string buffer(100'000, '\0');
  for (;;) {
    auto got = co_await stream.read(std::as_writable_bytes(std::span(buffer)));
    if (!got.ok()) {
      EXPECT_EQ(got.error().code(), Errc::end_of_stream) << got.error().to_string();
      co_return all;
    }
    all.append(buffer, 0, *got);
  }
}

Task<void> write_to_end(Stream& stream, Chain chain) {
  const auto written = co_await stream.write(std::move(chain));
  EXPECT_TRUE(written.ok()) << (written.ok() ? "" : written.error().to_string());
  EXPECT_TRUE((co_await stream.finish_writing()).ok());
}

// A file in memory; every read comes after others had their turn.
class SlowFile final : public FileRangeSource {
 public:
  explicit SlowFile(std::string bytes) : bytes_(std::move(bytes)) {}
  Task<Result<void>> read_at(std::uint64_t offset, std::span<std::byte> into) override {
    co_await yield();
    if (offset + into.size() > bytes_.size()) co_return Errc::truncated;
    std::memcpy(into.data(), bytes_.data() + offset, into.size());
    co_return Result<void>();
  }
  Claim<RangeSource> foreign_view(Claim<Block>) const override { return {}; }
  Range range(std::uint64_t offset, std::uint64_t length) {
    return Range(Claim<RangeSource>::share(this), offset, length);
  }

 private:
  void unclaimed() noexcept override {}
  std::string bytes_;
};

TEST(TlsStream, TenMegabytesCrossInBothDirectionsByteByByte) {
  for (const std::size_t piece : {std::size_t{1'000}, std::size_t{77'777}, SIZE_MAX}) {
    TlsTable table;
    TlsEnds ends = table.meet({.to_second = {.capacity = 200'000, .piece = piece},
                               .to_first = {.capacity = 50'000, .piece = piece}});
    const std::string forth = pattern(10'000'000);
    const std::string back = pattern(10'000'001);
    table.world.run([&]() -> Task<void> {
      auto [a, b, at_server, at_client] =
          co_await when_all(write_to_end(**ends.client, Slice::from_static(forth)),
                            write_to_end(**ends.server, Slice::from_static(back)), read_to_end(**ends.server),
                            read_to_end(**ends.client));
      EXPECT_TRUE(at_server == forth);
      EXPECT_TRUE(at_client == back);
    });
    table.close(ends);
  }
}

TEST(TlsStream, AChainOfSmallAndLargePiecesAndFileRangesArrivesInOrder) {
  TlsTable table;
  TlsEnds ends = table.meet();
  SlowFile file(pattern(400'000));
  const std::string bytes = pattern(400'000);
  const std::string_view file_bytes = bytes;
  std::string expected;
  Chain chain;
  const auto add = [&](std::size_t size) {
    const std::string text = pattern(size);
    chain.append(Slice::copy_of(text));
    expected += text;
  };
  const auto add_range = [&](std::uint64_t offset, std::uint64_t length) {
    chain.append(file.range(offset, length));
    expected += file_bytes.substr(offset, length);
  };
  for (const std::size_t size : {1U, 4U, 16'383U, 2U, 16'384U, 16'385U, 100'000U, 50U}) add(size);
  add_range(5, 399'990);
  add(7);
  add_range(0, 10);
  add_range(16'000, 16'384);
  table.world.run([&]() -> Task<void> {
    auto [written, heard] =
        co_await when_all(write_to_end(**ends.client, std::move(chain)), read_to_end(**ends.server));
    EXPECT_TRUE(heard == expected);
  });
  table.close(ends);
  EXPECT_EQ(file.claims(), 1U);
}

TEST(TlsStream, AFileThatCannotBeReadEndsTheWriting) {
  TlsTable table;
  TlsEnds ends = table.meet();
  SlowFile file("short");
  table.world.run([&]() -> Task<void> {
    const auto written = co_await (*ends.client)->write(Chain(file.range(0, 6)));
    EXPECT_EQ(written.error().code(), Errc::truncated);
  });
  EXPECT_EQ(table.say(ends.client, "more").error().code(), Errc::closed);
  table.close(ends);
}

TEST(TlsStream, KeysAreRenewedOnTheWay) {
  TlsProtocol protocol;
  protocol.records_per_key = 3;
  TlsTable table(protocol);
  int renewals = 0;
  // A key update is the only record here of just 22 bytes: five of message, its type, the tag.
  const auto count = [&renewals](std::uint64_t, std::span<std::byte> bytes) {
    const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    if (text.starts_with(std::string_view("\x17\3\3\0\x16", 5))) ++renewals;
  };
  TlsEnds ends = table.meet({.to_second = {.tamper = count}});
  for (int i = 0; i < 20; ++i) {
    EXPECT_TRUE(table.say(ends.client, "a" + std::to_string(i)).ok());
    EXPECT_EQ(table.hear(ends.server), "a" + std::to_string(i));
    EXPECT_TRUE(table.say(ends.server, "b" + std::to_string(i)).ok());
    EXPECT_EQ(table.hear(ends.client), "b" + std::to_string(i));
  }
  EXPECT_EQ(renewals, 6);
  table.close(ends);
}

TEST(TlsStream, EitherEndMayFinishFirstAndTheOtherGoesOn) {
  TlsTable table;
  TlsEnds ends = table.meet();
  table.finish(ends.client);
  EXPECT_EQ(table.hear(ends.server), "end_of_stream");
  EXPECT_EQ(table.hear(ends.server), "end_of_stream");
  EXPECT_TRUE(table.say(ends.server, "the rest").ok());
  table.finish(ends.server);
  EXPECT_EQ(table.hear(ends.client), "the rest");
  EXPECT_EQ(table.hear(ends.client), "end_of_stream");
  EXPECT_EQ(table.say(ends.client, "more").error().code(), Errc::closed);
  table.close(ends);
}

TEST(TlsStream, ClosingSaysGoodbyeAndAbortingDoesNot) {
  TlsTable table;
  TlsEnds ends = table.meet();
  table.close(ends.server);
  EXPECT_EQ(table.hear(ends.client), "end_of_stream");
  table.close(ends.client);
  ends = table.meet();
  table.world.run([&]() -> Task<void> { co_await (*ends.server)->abort(); });
  EXPECT_EQ(table.hear(ends.client), "connection_reset");
  table.close(ends.client);
}

TEST(TlsStream, AnEndWithoutGoodbyeIsATruncation) {
  TlsTable table;
  auto line = std::make_shared<LineSwitch>();
  TlsEnds ends = table.meet({.to_first = {.control = line}});
  EXPECT_TRUE(table.say(ends.server, "half").ok());
  line->cut = true;
  EXPECT_TRUE(table.say(ends.server, "lost").ok());
  EXPECT_EQ(table.hear(ends.client), "half");
  EXPECT_THAT(table.hear(ends.client),
              StartsWith("truncated: the connection ended without TLS's close_notify"));
  EXPECT_THAT(table.hear(ends.client), StartsWith("truncated"));
  table.close(ends);
}

TEST(TlsStream, DamageIsNoticedAndToldToWhoSentIt) {
  TlsTable table;
  auto damage = std::make_shared<bool>(false);
  TlsEnds ends = table.meet({.to_second = {.tamper = [damage](std::uint64_t, std::span<std::byte> bytes) {
                               if (*damage) bytes.back() ^= std::byte{1};
                             }}});
  *damage = true;
  EXPECT_TRUE(table.say(ends.client, "hello").ok());
  EXPECT_THAT(table.hear(ends.server), StartsWith("tls_failed: TLS read: a record was damaged on the way"));
  EXPECT_THAT(table.hear(ends.client), HasSubstr("(alert bad_record_mac)"));
  table.close(ends);
}

TEST(TlsStream, WaitReadableEndsForBytesAndForTheEnd) {
  TlsTable table;
  TlsEnds ends = table.meet();
  int woken = 0;
  const auto wait = [&]() -> Task<void> {
    EXPECT_TRUE((co_await (*ends.client)->wait_readable({})).ok());
    ++woken;
  };
  table.world.run(wait);
  EXPECT_EQ(woken, 0);  // session tickets are no bytes
  EXPECT_TRUE(table.say(ends.server, "x").ok());
  EXPECT_EQ(woken, 1);
  table.world.run(wait);
  EXPECT_EQ(woken, 2);
  EXPECT_EQ(table.hear(ends.client), "x");
  table.world.run(wait);
  EXPECT_EQ(woken, 2);
  table.finish(ends.server);
  EXPECT_EQ(woken, 3);
  table.close(ends);
}

TEST(TlsStream, CloseEndsWhatIsInFlight) {
  TlsTable table;
  TlsEnds ends = table.meet({.to_second = {.capacity = 1'000}});
  std::string ended;
  table.world.spawn([&]() -> Task<void> {
    std::array<std::byte, 10> buffer;
    ended += (co_await (*ends.client)->read(buffer)).error().to_string() + ' ';
  });
  table.world.spawn([&]() -> Task<void> {
    ended +=
        (co_await (*ends.client)->write(Chain(Slice::copy_of(pattern(100'000))))).error().to_string() + ' ';
  });
  table.world.settle();
  EXPECT_EQ(ended, "");
  table.close(ends.client);
  EXPECT_THAT(ended, testing::AnyOf("closed closed ", "closed closed "));
  table.close(ends.server);
}

TEST(TlsStream, ACancelledReadLosesNothingAndACancelledWriteIsTheLast) {
  TlsTable table;
  TlsEnds ends = table.meet({.to_second = {.capacity = 1'000}});
  table.world.run([&]() -> Task<void> {
    std::array<std::byte, 10> buffer;
    const auto late = co_await with_timeout(std::chrono::milliseconds(1), {}, [&](Cancel cancel) {
      return (*ends.client)->read(std::span<std::byte>(buffer), cancel);
    });
    EXPECT_EQ(late.error().code(), Errc::timed_out);
    const auto blocked = co_await with_timeout(std::chrono::milliseconds(1), {}, [&](Cancel cancel) {
      return (*ends.client)->write(Chain(Slice::copy_of(pattern(100'000))), cancel);
    });
    EXPECT_EQ(blocked.error().code(), Errc::timed_out);
  });
  table.world.pass(std::chrono::milliseconds(2));
  table.world.pass(std::chrono::milliseconds(2));
  EXPECT_TRUE(table.say(ends.server, "read on").ok());
  EXPECT_EQ(table.hear(ends.client), "read on");
  EXPECT_THAT(table.say(ends.client, "more").error().to_string(), HasSubstr("an earlier write failed"));
  table.close(ends);
}

// --- What strangers may do to a server ------------------------------------------------------------------------

// Sends `bytes` instead of a handshake; gives the server's error and what the stranger heard.
struct Refusal {
  std::string error;
  std::string heard;
};
Refusal refuse(std::string_view bytes) {
  TlsTable table;
  table.server.emplace(TlsServer::make(table.server_options).value());
  Refusal refusal;
  table.world.run([&]() -> Task<void> {
    StreamPair pair = make_stream_pair();
    const auto stranger = [&]() -> Task<void> {
      (void)co_await pair.first->write(Chain(Slice::copy_of(bytes)));
      (void)co_await pair.first->finish_writing();
      std::array<std::byte, 100> buffer;
      const auto got = co_await pair.first->read(buffer);
      if (got.ok()) refusal.heard.assign(reinterpret_cast<const char*>(buffer.data()), *got);
      co_await pair.first->close();
    };
    auto [end, nothing] = co_await when_all(table.server->accept(std::move(pair.second), {}), stranger());
    refusal.error = table.error_of(end);
  });
  table.world.pass(std::chrono::seconds(1));
  return refusal;
}

using namespace std::string_view_literals;

TEST(TlsStranger, PlainTextIsCalledByItsName) {
  EXPECT_THAT(refuse("GET / HTTP/1.1\r\n\r\n").error,
              StartsWith("malformed: the peer does not speak TLS: its first bytes look like plain HTTP"));
  EXPECT_THAT(refuse("\0\0\0\x2f\0\x12\0\4"sv).error, HasSubstr("a plain Kafka message"));
  EXPECT_THAT(refuse("hello there").error, HasSubstr("plain text"));
  EXPECT_THAT(refuse("\x80\x2e\1\0\2\0\x15"sv).error, HasSubstr("SSL 2.0"));
  EXPECT_THAT(refuse("\xff\xfe\xfd\xfc\xfb").error, HasSubstr("some other protocol"));
  EXPECT_THAT(refuse("").error, HasSubstr("without a word of TLS"));
  EXPECT_THAT(refuse("\x16\3").error, StartsWith("truncated: the peer ended the connection within"));
}

TEST(TlsStranger, RecordsAndGreetingsThatAreTooLargeAreRefused) {
  const Refusal record = refuse("\x16\3\1\xff\xff\1\0\0\0"sv);
  EXPECT_THAT(record.error, HasSubstr("a record is too large"));
  EXPECT_THAT(record.heard, StartsWith("\x15"));
  EXPECT_THAT(refuse("\x16\3\1\x40\0\1\1\0\0"sv).error,
              StartsWith("too_large: the peer's TLS greeting wants 65536"));
}

TEST(TlsStranger, WhoIsRefusedLateHearsTheAlertAndNoReset) {
  TlsTable table;
  table.server_options.client_auth = TlsClientAuth::required;
  table.server_options.client_trust = table.authority.trust();
  table.server.emplace(TlsServer::make(table.server_options).value());
  table.client.emplace(TlsClient::make(table.client_options).value());
  std::string heard;
  table.world.run([&]() -> Task<void> {
    StreamPair pair = make_stream_pair();
    // With TLS 1.3 a client has sent its first request before it learns that its certificate is missed.
    const auto refused = [&](std::unique_ptr<Stream> stream) -> Task<void> {
      auto end = co_await table.client->connect(std::move(stream), TestAuthority::kServerName, {});
      (void)co_await (*end)->write(Chain(Slice::copy_of(pattern(60'000))));
      std::array<std::byte, 10> buffer;
      heard = (co_await (*end)->read(std::span<std::byte>(buffer))).error().to_string();
      co_await (*end)->close();
    };
    auto [end, nothing] =
        co_await when_all(table.server->accept(std::move(pair.second), {}), refused(std::move(pair.first)));
    EXPECT_FALSE(end.ok());
  });
  table.world.pass(std::chrono::seconds(2));
  EXPECT_THAT(heard, HasSubstr("(alert certificate_required)"));
}

TEST(TlsStranger, AHandshakeWithoutEndIsCutOff) {
  // Whole records of one byte of a greeting that claims 32 KiB.
  std::string drip("\x16\3\1\0\4\1\0\x7f\xf0", 9);
  while (drip.size() < 80'000) drip += std::string("\x16\3\1\0\1\0", 6);
  EXPECT_THAT(refuse(drip).error, testing::AnyOf(StartsWith("too_large"), StartsWith("tls_failed")));
}

TEST(TlsStranger, AnyByteOfAHandshakeMayBeTheLast) {
  TlsTable table;
  table.client_options.protocol.resumption = false;
  std::uint64_t to_server = 0;
  std::uint64_t to_client = 0;
  const auto count = [](std::uint64_t& total) {
    return [&total](std::uint64_t offset, std::span<std::byte> bytes) {
      total = std::max(total, offset + bytes.size());
    };
  };
  TlsEnds whole =
      table.meet({.to_second = {.tamper = count(to_server)}, .to_first = {.tamper = count(to_client)}});
  ASSERT_TRUE(whole.client.ok());
  const std::uint64_t client_bytes = to_server;
  const std::uint64_t server_bytes = to_client;
  table.close(whole);
  for (const bool with_reset : {false, true}) {
    const auto line = [&](std::uint64_t after) {
      return with_reset ? LineOptions{.reset_after = after} : LineOptions{.cut_after = after};
    };
    for (std::uint64_t after = 0; after + 8 < client_bytes; after += with_reset ? 13 : 1) {
      TlsEnds ends = table.meet({.to_second = line(after)});
      EXPECT_FALSE(ends.server.ok()) << after;
      table.close(ends);
    }
    for (std::uint64_t after = 0; after + 8 < server_bytes; after += with_reset ? 13 : 1) {
      TlsEnds ends = table.meet({.to_first = line(after)});
      table.close(ends);
    }
  }
}

TEST(TlsStranger, AnyByteOfAHandshakeMayBeWrong) {
  TlsTable table;
  for (std::uint64_t wrong = 0; wrong < 1'200; wrong += 3) {
    const auto flip = [wrong](std::uint64_t offset, std::span<std::byte> bytes) {
      if (wrong >= offset && wrong - offset < bytes.size()) bytes[wrong - offset] ^= std::byte{0x10};
    };
    TlsEnds ends = table.meet({.to_second = {.tamper = flip}});
    table.close(ends);
    ends = table.meet({.to_first = {.tamper = flip}});
    table.close(ends);
  }
}

// --- Cancellation and death at every suspension point ---------------------------------------------------------

// Starts a meeting that exchanges a message and closes; `after` steps later it is interrupted.
template <typename Interrupt>
bool interrupt_meeting(int after, Interrupt interrupt) {
  // Made once: what is interrupted is the meeting.
  static const auto [server, client] = [] {
    const TlsTable made;
    return std::pair(TlsServer::make(made.server_options).value().snapshot(),
                     TlsClient::make(made.client_options).value().snapshot());
  }();
  auto table = std::make_unique<TlsTable>();
  table->server.emplace(server);
  table->client.emplace(client);
  CancelSource source;
  bool done = false;
  const auto talk = [](TlsEnd end, Cancel cancel) -> Task<void> {
    if (!end.ok()) co_return;
    (void)co_await (*end)->write(Chain(Slice::copy_of(pattern(3'000))), cancel);
    std::array<std::byte, 1000> buffer;
    for (std::size_t heard = 0; heard < 3'000;) {
      const auto got = co_await (*end)->read(std::span<std::byte>(buffer), cancel);
      if (!got.ok()) break;
      heard += *got;
    }
    co_await (*end)->close();
  };
  table->world.spawn([&]() -> Task<void> {
    StreamPair pair = make_stream_pair({.to_second = {.capacity = 300}, .to_first = {.capacity = 300'000}});
    const auto serve = [&](std::unique_ptr<Stream> stream) -> Task<void> {
      co_await talk(co_await table->server->accept(std::move(stream), source.token()), source.token());
    };
    const auto visit = [&](std::unique_ptr<Stream> stream) -> Task<void> {
      auto end = co_await table->client->connect(std::move(stream), "broker.example", source.token());
      co_await talk(std::move(end), source.token());
    };
    co_await when_all(serve(std::move(pair.second)), visit(std::move(pair.first)));
    done = true;
  });
  for (int i = 0; i < after; ++i) {
    if (!table->world.step()) return false;
  }
  interrupt(*table, source);
  for (int i = 0; i < 50 && !done && !table->world.shard().killed(); ++i) {
    table->world.pass(std::chrono::milliseconds(100));
  }
  EXPECT_TRUE(done || table->world.shard().killed()) << "hangs after step " << after;
  return true;
}

TEST(TlsCancel, AtAnyStepEndsBothSides) {
  int steps = 0;
  while (steps < 400 && interrupt_meeting(
                            steps,
                            [](TlsTable& table, CancelSource& source) {
                              const Shard::Scope scope(table.world.shard());
                              source.request();
                            })) {
    ++steps;
  }
  EXPECT_GT(steps, 20);
  EXPECT_LT(steps, 400) << "not every step was tried";
}

TEST(TlsKill, AtAnyStepFramesDieInSilence) {
  int steps = 0;
  while (steps < 400 && interrupt_meeting(steps, [](TlsTable& table, CancelSource&) { table.world.kill(); }))
    ++steps;
  EXPECT_GT(steps, 20);
}

}  // namespace
}  // namespace ottla
