#include "runtime/tls/secure_stream.h"

namespace ottla {

Result<Gate::Pass> SecureStream::enter() {
  if (closing_) return Errc::closed;
  return inside_.enter();
}

Task<Result<void>> SecureStream::wait_readable(Cancel cancel) {
  OTTLA_CO_TRY(const Gate::Pass pass, enter());
  co_return co_await reader_.wait_readable(cancel);
}

Task<Result<std::size_t>> SecureStream::read(ReadVector into, Cancel cancel) {
  OTTLA_CO_TRY(const Gate::Pass pass, enter());
  co_return co_await reader_.read(into, cancel);
}

Task<Result<void>> SecureStream::write(Chain chain, Cancel cancel) {
  OTTLA_CO_TRY(const Gate::Pass pass, enter());
  co_return co_await writer_.write(std::move(chain), cancel);
}

Task<Result<void>> SecureStream::finish_writing() {
  OTTLA_CO_TRY(const Gate::Pass pass, enter());
  co_return co_await writer_.finish();
}

Task<void> SecureStream::leave_all() {
  co_await inside_.close();
  co_await writer_.stop();
}

Task<void> SecureStream::close() {
  closing_ = true;
  co_await writer_.say_farewell();
  co_await beneath_->close();
  co_await leave_all();
}

Task<void> SecureStream::abort() {
  closing_ = true;
  co_await beneath_->abort();
  co_await leave_all();
}

}  // namespace ottla
