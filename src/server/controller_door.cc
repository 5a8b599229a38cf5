#include "server/controller_door.h"

#include <chrono>
#include <utility>

#include "runtime/cross_shard.h"
#include "runtime/travel.h"

namespace ottla::server {
namespace {

// How long a client's request waits for a controller, as in the reference.
constexpr Duration kPatience = std::chrono::seconds(60);

}  // namespace

Task<Result<Chain>> ControllerDoor::forward(ClientInfo client, Slice frame) {
  if (&home_ == &this_shard()) co_return co_await link_.forward(std::move(client), frame, kPatience, {});
  auto answer =
      co_await on(home_,
                  [link = &link_, client = std::move(client),
                   bytes = Travelling(Chain(std::move(frame)))]() mutable -> Task<Result<Travelling>> {
                    const Slice here = std::move(bytes).arrive().flatten();
                    OTTLA_CO_TRY(Chain got, co_await link->forward(client, here, kPatience, {}));
                    co_return Travelling(std::move(got));
                  });
  if (!answer.ok()) co_return answer.error();
  co_return std::move(*answer).arrive();
}

}  // namespace ottla::server
