#include "storage/directory/log_bond.h"

namespace ottla::storage {

class LogBond::CutHold final : public LogOwner::Hold {
 public:
  CutHold(std::shared_ptr<Cut> cut, Offset offset) : cut_(std::move(cut)) {
    ++cut_->holds;
    cut_->at = std::min(offset, cut_->at.value_or(offset));
  }
  ~CutHold() override {
    if (--cut_->holds == 0) cut_->at.reset();
  }

  CleanerManager::Pause pause;

 private:
  const std::shared_ptr<Cut> cut_;
};

void LogBond::hand_over(Log& log, std::optional<Offset> checkpoint) {
  compaction_.emplace(log);
  if (cleaner_ == nullptr) return;
  cleaner_->add(
      {.partition = partition_, .log = &*compaction_, .log_directory = directory_, .checkpoint = checkpoint});
}

Task<void> LogBond::take_over(Log& log, LogBond& replaced) {
  compaction_.emplace(log);
  if (cleaner_ != nullptr) co_await cleaner_->move(partition_, &*compaction_, directory_);
  replaced.compaction_.reset();
  let_move();
}

Task<void> LogBond::take_back(bool forget_checkpoint) {
  let_move();
  if (!compaction_ || cleaner_ == nullptr) co_return;
  co_await cleaner_->remove(partition_, forget_checkpoint);
}

Task<void> LogBond::keep_still() {
  if (cleaner_ != nullptr) still_ = co_await cleaner_->pause(partition_);
}

Task<Result<std::unique_ptr<LogOwner::Hold>>> LogBond::before_cut(Offset offset) {
  auto hold = std::make_unique<CutHold>(cut_, offset);
  const bool is_cleaned = compaction_ && cleaner_ != nullptr;
  if (is_cleaned) hold->pause = co_await cleaner_->pause(partition_);
  OTTLA_CO_CHECK(co_await home_.lower_checkpoints(directory_, partition_, offset));
  if (is_cleaned) cleaner_->truncated(partition_, offset);
  co_return std::unique_ptr<Hold>(std::move(hold));
}

}  // namespace ottla::storage
