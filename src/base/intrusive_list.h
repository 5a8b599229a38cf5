// A doubly linked list whose links live in its elements: no allocation, O(1) removal from anywhere.
//
// Invariants: 1. an element is in at most one list through one hook
//             2. an element leaves its list when it is destroyed; a list unlinks what is left when it is
// Concurrency: confined to one thread.
#pragma once

#include <cstddef>

#include "base/invariant.h"

namespace ottla {

// Tag tells apart several hooks of one element.
template <typename Tag = void>
class ListHook {
 public:
  ListHook() = default;
  ListHook(const ListHook&) = delete;
  ListHook& operator=(const ListHook&) = delete;
  ~ListHook() { unlink(); }

  bool linked() const { return next_ != nullptr; }
  void unlink() {
    if (!linked()) return;
    previous_->next_ = next_;
    next_->previous_ = previous_;
    next_ = previous_ = nullptr;
  }

 private:
  template <typename, typename>
  friend class IntrusiveList;

  ListHook* next_ = nullptr;
  ListHook* previous_ = nullptr;
};

template <typename T, typename Tag = void>
class IntrusiveList {
  using Hook = ListHook<Tag>;

 public:
  IntrusiveList() { reset(); }
  IntrusiveList(const IntrusiveList&) = delete;
  IntrusiveList& operator=(const IntrusiveList&) = delete;
  ~IntrusiveList() {
    while (!empty()) pop_front();
    head_.next_ = head_.previous_ = nullptr;  // the head's own destructor finds nothing to do
  }

  bool empty() const { return head_.next_ == &head_; }

  void push_back(T& element) { insert_before(head_, element); }
  void push_front(T& element) { insert_before(*head_.next_, element); }
  void insert_before_element(T& position, T& element) {
    insert_before(static_cast<Hook&>(position), element);
  }

  T& front() {
    OTTLA_INVARIANT(!empty(), "front() of an empty list");
    return static_cast<T&>(*head_.next_);
  }
  T& back() {
    OTTLA_INVARIANT(!empty(), "back() of an empty list");
    return static_cast<T&>(*head_.previous_);
  }
  T& pop_front() {
    T& element = front();
    static_cast<Hook&>(element).unlink();
    return element;
  }
  // The element after `element`, or null at the end.
  T* next(T& element) {
    Hook* after = static_cast<Hook&>(element).next_;
    return after == &head_ ? nullptr : static_cast<T*>(after);
  }

  // Moves all of `other` to the end of this list.
  void splice_back(IntrusiveList& other) {
    OTTLA_INVARIANT(&other != this, "a list was spliced into itself");
    if (other.empty()) return;
    Hook* first = other.head_.next_;
    Hook* last = other.head_.previous_;
    head_.previous_->next_ = first;
    first->previous_ = head_.previous_;
    last->next_ = &head_;
    head_.previous_ = last;
    other.reset();
  }

  // O(n); for tests and reports.
  std::size_t count() const {
    std::size_t n = 0;
    for (const Hook* hook = head_.next_; hook != &head_; hook = hook->next_) ++n;
    return n;
  }

 private:
  void reset() { head_.next_ = head_.previous_ = &head_; }
  void insert_before(Hook& position, T& element) {
    Hook& hook = static_cast<Hook&>(element);
    OTTLA_INVARIANT(!hook.linked(), "element is in a list already");
    hook.next_ = &position;
    hook.previous_ = position.previous_;
    position.previous_->next_ = &hook;
    position.previous_ = &hook;
  }

  Hook head_;
};

}  // namespace ottla
