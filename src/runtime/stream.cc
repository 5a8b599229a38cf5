#include "runtime/stream.h"

#include "runtime/network.h"

namespace ottla {

Task<std::unique_ptr<PendingStream>> Stream::depart() {
  co_return nullptr;
}

}  // namespace ottla
