#include "base/error.h"

#include <cerrno>
#include <memory>
#include <system_error>
#include <utility>

namespace ottla {

struct Error::Detail {
  std::string text;
  std::unique_ptr<Error> cause;
};

namespace {

Errc code_of_errno(int number) {
  switch (number) {
    case ENOENT:
      return Errc::not_found;
    case EEXIST:
      return Errc::already_exists;
    case ENOTDIR:
      return Errc::not_a_directory;
    case EISDIR:
      return Errc::is_a_directory;
    case ENOTEMPTY:
      return Errc::not_empty;
    case EACCES:
    case EPERM:
      return Errc::permission_denied;
    case EBUSY:
      return Errc::busy;
    case ECANCELED:
      return Errc::cancelled;
    case ETIMEDOUT:
      return Errc::timed_out;
    case ECONNREFUSED:
      return Errc::connection_refused;
    case ECONNRESET:
    case ECONNABORTED:
    case EPIPE:
      return Errc::connection_reset;
    case ENETUNREACH:
    case EHOSTUNREACH:
    case ENETDOWN:
    case EHOSTDOWN:
      return Errc::unreachable;
    case EADDRINUSE:
      return Errc::address_in_use;
    case EADDRNOTAVAIL:
      return Errc::address_unavailable;
    case ENOSPC:
    case EDQUOT:
      return Errc::no_space;
    case EIO:
      return Errc::io_error;
    case EROFS:
      return Errc::read_only;
    case ENOMEM:
    case ENOBUFS:
      return Errc::out_of_budget;
    case EMFILE:
    case ENFILE:
      return Errc::too_many_files;
    case EINVAL:
    case ENAMETOOLONG:
      return Errc::invalid_argument;
    case EOPNOTSUPP:
    case ENOSYS:
    case EAFNOSUPPORT:
    case EPROTONOSUPPORT:
      return Errc::unsupported;
    case EAGAIN:
      return Errc::would_block;
    case EFBIG:
      return Errc::too_large;
    default:
      return Errc::system;
  }
}

}  // namespace

std::string_view name_of(Errc code) {
  switch (code) {
    case Errc::invalid_argument:
      return "invalid_argument";
    case Errc::malformed:
      return "malformed";
    case Errc::truncated:
      return "truncated";
    case Errc::too_large:
      return "too_large";
    case Errc::out_of_budget:
      return "out_of_budget";
    case Errc::not_found:
      return "not_found";
    case Errc::already_exists:
      return "already_exists";
    case Errc::not_a_directory:
      return "not_a_directory";
    case Errc::is_a_directory:
      return "is_a_directory";
    case Errc::not_empty:
      return "not_empty";
    case Errc::permission_denied:
      return "permission_denied";
    case Errc::busy:
      return "busy";
    case Errc::cancelled:
      return "cancelled";
    case Errc::timed_out:
      return "timed_out";
    case Errc::closed:
      return "closed";
    case Errc::end_of_stream:
      return "end_of_stream";
    case Errc::connection_refused:
      return "connection_refused";
    case Errc::connection_reset:
      return "connection_reset";
    case Errc::unreachable:
      return "unreachable";
    case Errc::address_in_use:
      return "address_in_use";
    case Errc::address_unavailable:
      return "address_unavailable";
    case Errc::no_space:
      return "no_space";
    case Errc::io_error:
      return "io_error";
    case Errc::read_only:
      return "read_only";
    case Errc::too_many_files:
      return "too_many_files";
    case Errc::sync_failed:
      return "sync_failed";
    case Errc::unsupported:
      return "unsupported";
    case Errc::tls_failed:
      return "tls_failed";
    case Errc::would_block:
      return "would_block";
    case Errc::corrupt:
      return "corrupt";
    case Errc::system:
      return "system";
  }
  return "unknown";
}

Error::Error(Errc code, std::string text) : code_(code), detail_(new Detail{std::move(text), nullptr}) {}

Error::Error(Errc code, std::string text, Error cause)
    : code_(code), detail_(new Detail{std::move(text), std::make_unique<Error>(std::move(cause))}) {}

Error::Error(const Error& other) : code_(other.code_) {
  if (!other.detail_) return;
  detail_ = new Detail{other.detail_->text, nullptr};
  if (other.detail_->cause) detail_->cause = std::make_unique<Error>(*other.detail_->cause);
}

Error& Error::operator=(const Error& other) {
  if (this != &other) *this = Error(other);
  return *this;
}

void Error::drop_detail() {
  delete detail_;
}

Error Error::from_errno(int number, std::string_view operation, std::string_view subject) {
  std::string text(operation);
  if (!subject.empty()) {
    text += ' ';
    text += subject;
  }
  text += ": ";
  text += std::generic_category().message(number);
  return Error(code_of_errno(number), std::move(text));
}

std::string_view Error::text() const {
  return detail_ != nullptr ? std::string_view(detail_->text) : std::string_view();
}

const Error* Error::cause() const {
  return detail_ != nullptr ? detail_->cause.get() : nullptr;
}

Error Error::with_context(std::string text) && {
  const Errc code = code_;
  return Error(code, std::move(text), std::move(*this));
}

std::string Error::to_string() const {
  std::string out(name_of(code_));
  if (!text().empty()) {
    out += ": ";
    out += text();
  }
  if (cause() != nullptr) {
    out += "; caused by: ";
    out += cause()->to_string();
  }
  return out;
}

}  // namespace ottla
