#include "runtime/linux/socket_watch.h"

#include <sys/epoll.h>

namespace ottla {

void SocketWatch::on_events(std::uint32_t events) {
  constexpr std::uint32_t kEnds = EPOLLRDHUP | EPOLLHUP | EPOLLERR;
  if ((events & kEnds) != 0) ended_ = true;
  if ((events & (EPOLLIN | kEnds)) != 0) {
    input_.readiness = Readiness::ready;
    wake(input_);
  }
  if ((events & (EPOLLOUT | EPOLLHUP | EPOLLERR)) != 0) {
    output_.readiness = Readiness::ready;
    wake(output_);
  }
}

}  // namespace ottla
