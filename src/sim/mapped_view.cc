#include "sim/mapped_view.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "sim/disk_wait.h"
#include "sim/host.h"
#include "sim/simulated_file.h"
#include "sim/world.h"

namespace ottla::sim {
namespace {

constexpr std::size_t kSector = 512;

}  // namespace

MappedView::MappedView(ShardHome& home, DiskNodePtr node, std::uint64_t size)
    : home_(home), node_(std::move(node)), bytes_(size), seen_(size) {
  refresh(0, size);
  node_->views.push_back(this);
  home_.host().disk().add_operation(*this);
  ++home_.shard().open_doors().files;
}

MappedView::~MappedView() {
  if (node_ == nullptr || home_.shard().killed()) return;
  OTTLA_INVARIANT(false, "a mapping died before it was closed", node_->number);
}

void MappedView::absorb() {
  for (std::size_t at = 0; at < bytes_.size(); at += kSector) {
    const std::size_t count = std::min(kSector, bytes_.size() - at);
    if (std::memcmp(&bytes_[at], &seen_[at], count) == 0) continue;
    node_->data.write(at, std::span(bytes_).subspan(at, count));
    std::memcpy(&seen_[at], &bytes_[at], count);
  }
}

void MappedView::refresh(std::uint64_t from, std::uint64_t to) {
  to = std::min<std::uint64_t>({to, bytes_.size(), node_->data.content().size()});
  if (from >= to) return;
  node_->data.content().read(from, std::span(bytes_).subspan(from, to - from));
  std::memcpy(&seen_[from], &bytes_[from], to - from);
}

Task<Result<void>> MappedView::flush() {
  if (!home_.may_use_door("mapping.flush")) co_return Errc::closed;
  absorb();
  co_return co_await sync_node(home_, node_);
}

void MappedView::leave() {
  absorb();
  std::erase(node_->views, this);
  node_ = nullptr;
}

Task<void> MappedView::close() {
  if (!home_.may_use_door("mapping.close") || node_ == nullptr) co_return;
  DiskOperation::unlink();
  leave();
  --home_.shard().open_doors().files;
}

void MappedView::process_died(Random&) {
  leave();
}

void absorb_views(DiskNode& node) {
  for (MappedView* view : node.views) view->absorb();
}

void refresh_views(DiskNode& node, std::uint64_t from, std::uint64_t to) {
  for (MappedView* view : node.views) view->refresh(from, to);
}

std::uint64_t mapped_end(const DiskNode& node) {
  std::uint64_t end = 0;
  for (const MappedView* view : node.views) end = std::max(end, view->size());
  return end;
}

}  // namespace ottla::sim
