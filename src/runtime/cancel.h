// Cancellation that shows in signatures: a function that takes a Cancel can be cancelled, one without cannot.
//
// A cancelled wait ends with Errc::cancelled; whether its effect took place is unknown unless it says so.
//
// Lifetime:    a CancelSource outlives every Cancel made from it (a TaskGroup owns one and waits).
// Concurrency: confined to one shard.
// Invariants:  1. a request is final  2. each hook fires at most once, and never after its destruction
#pragma once

#include "base/intrusive_list.h"

namespace ottla {

class CancelSource;

// Something to run when cancellation is requested. Fires inside request(), so it only flips state and
// schedules.
class CancelHook : public ListHook<struct CancelHookTag> {
 public:
  virtual void on_cancel() = 0;

 protected:
  ~CancelHook() = default;
};

class Cancel {
 public:
  Cancel() = default;  // never requested
  explicit Cancel(CancelSource& source) : source_(&source) {}

  inline bool requested() const;
  // The hook fires at the request, or stays silent for ever. Must not be called after the request.
  inline void attach(CancelHook& hook) const;

 private:
  CancelSource* source_ = nullptr;
};

class CancelSource final : private CancelHook {
 public:
  CancelSource() = default;
  // A child: cancelled when `parent` is, and on its own.
  explicit CancelSource(Cancel parent) {
    if (parent.requested()) {
      requested_ = true;
    } else {
      parent.attach(*this);
    }
  }

  Cancel token() { return Cancel(*this); }
  bool requested() const { return requested_; }
  void request() {
    requested_ = true;
    while (!hooks_.empty()) hooks_.pop_front().on_cancel();
  }

 private:
  friend class Cancel;
  void on_cancel() override { request(); }

  bool requested_ = false;
  IntrusiveList<CancelHook, CancelHookTag> hooks_;
};

inline bool Cancel::requested() const {
  return source_ != nullptr && source_->requested();
}

inline void Cancel::attach(CancelHook& hook) const {
  if (source_ == nullptr) return;
  OTTLA_INVARIANT(!source_->requested(), "hook attached after the request");
  source_->hooks_.push_back(hook);
}

}  // namespace ottla
