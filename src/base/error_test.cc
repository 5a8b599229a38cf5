#include "base/error.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <utility>

namespace ottla {
namespace {

TEST(Error, ACodeAloneHasNoText) {
  const Error error = Errc::truncated;
  EXPECT_EQ(error, Errc::truncated);
  EXPECT_EQ(error.text(), "");
  EXPECT_EQ(error.cause(), nullptr);
  EXPECT_EQ(error.to_string(), "truncated");
  EXPECT_LE(sizeof(Error), 2 * sizeof(void*));
}

TEST(Error, ErrnoBecomesCodeAndText) {
  const Error error = Error::from_errno(ENOSPC, "open", "/data/x");
  EXPECT_EQ(error, Errc::no_space);
  EXPECT_EQ(error.to_string(), "no_space: open /data/x: No space left on device");
  EXPECT_EQ(Error::from_errno(EIO, "fdatasync").text(), "fdatasync: Input/output error");
}

TEST(Error, ErrnosThatCallersTellApart) {
  EXPECT_EQ(Error::from_errno(EDQUOT, "write"), Errc::no_space);
  EXPECT_EQ(Error::from_errno(EROFS, "write"), Errc::read_only);
  EXPECT_EQ(Error::from_errno(ENFILE, "open"), Errc::too_many_files);
  EXPECT_EQ(Error::from_errno(EPIPE, "send"), Errc::connection_reset);
  EXPECT_EQ(Error::from_errno(EAGAIN, "read"), Errc::would_block);
  EXPECT_EQ(Error::from_errno(EAFNOSUPPORT, "socket"), Errc::unsupported);
  EXPECT_EQ(Error::from_errno(ENOMEM, "accept"), Errc::out_of_budget);
  EXPECT_EQ(Error::from_errno(EXDEV, "rename"), Errc::system);
}

TEST(Error, ContextKeepsTheCodeAndTheCause) {
  const Error error = Error(Errc::corrupt, "crc differs").with_context("batch 7").with_context("topic a-0");
  EXPECT_EQ(error, Errc::corrupt);
  EXPECT_EQ(error.text(), "topic a-0");
  ASSERT_NE(error.cause(), nullptr);
  EXPECT_EQ(error.to_string(),
            "corrupt: topic a-0; caused by: corrupt: batch 7; caused by: corrupt: crc differs");
}

TEST(Error, CopiesAreIndependent) {
  Error error = Error(Errc::closed, "socket").with_context("fetch");
  const Error copy = error;
  error = Errc::busy;
  EXPECT_EQ(copy.to_string(), "closed: fetch; caused by: closed: socket");
  EXPECT_EQ(error.to_string(), "busy");
}

TEST(Error, AssignmentToItselfKeepsTheText) {
  Error error(Errc::closed, "socket");
  Error& alias = error;
  error = alias;
  EXPECT_EQ(error.text(), "socket");
  error = std::move(alias);
  EXPECT_EQ(error.text(), "socket");
}

TEST(Error, MovingTakesTheText) {
  Error from(Errc::closed, "socket");
  const Error to = std::move(from);
  EXPECT_EQ(to.text(), "socket");
  EXPECT_EQ(from.text(), "");
}

TEST(Error, EveryCodeHasItsName) {
  for (auto code = static_cast<std::uint16_t>(Errc::invalid_argument);
       code <= static_cast<std::uint16_t>(Errc::system); ++code) {
    EXPECT_NE(name_of(static_cast<Errc>(code)), "unknown") << code;
  }
  EXPECT_EQ(name_of(static_cast<Errc>(0)), "unknown");
}

}  // namespace
}  // namespace ottla
