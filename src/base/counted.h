// Objects that many hold and nobody owns: an atomic count in the object itself, and the pointer that keeps it.
//
// Use:         struct Node : Counted { … };   Ref<Node> node = make_ref<Node>(…);
//              if (!node.unique()) node = make_ref<Node>(*node);   // copy on write
// Lifetime:    an object lives as long as its last Ref. A type with a static destroy(const T*) is ended by that,
//              others by delete.
// Concurrency: Refs to one object may live on many threads. The object may be changed only by who holds its only
//              Ref; what others hold is constant.
// Invariants:  unique() is true only where nobody else can reach the object, so that it stays true until this
//              very Ref is copied.
#pragma once

#include <atomic>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <utility>

namespace ottla {

class Counted {
 public:
  Counted() = default;
  // A copy of an object is another object, with nobody who holds it but who made it.
  Counted(const Counted&) {}
  Counted& operator=(const Counted&) { return *this; }

  bool unique() const { return references_.load(std::memory_order_acquire) == 1; }

 private:
  template <typename T>
  friend class Ref;

  void retain() const { references_.fetch_add(1, std::memory_order_relaxed); }
  // Whether this was the last one. Alone is known without the dearer exchange.
  bool release() const { return unique() || references_.fetch_sub(1, std::memory_order_acq_rel) == 1; }

  mutable std::atomic<std::uint32_t> references_{1};
};

template <typename T>
class Ref {
 public:
  constexpr Ref() = default;
  constexpr Ref(std::nullptr_t) {}
  // Takes over the count that a fresh object has.
  explicit Ref(T* fresh) : object_(fresh) {}
  Ref(const Ref& other) : object_(other.object_) {
    if (object_ != nullptr) object_->retain();
  }
  Ref(Ref&& other) noexcept : object_(std::exchange(other.object_, nullptr)) {}
  // Of a constant view of the same object.
  template <typename U>
    requires(std::same_as<T, const U>)
  Ref(Ref<U> other) noexcept : object_(other.leave()) {}
  Ref& operator=(Ref other) noexcept {
    std::swap(object_, other.object_);
    return *this;
  }
  ~Ref() {
    if (object_ == nullptr || !object_->release()) return;
    if constexpr (requires { T::destroy(object_); }) {
      T::destroy(object_);
    } else {
      delete object_;
    }
  }

  T* get() const { return object_; }
  T& operator*() const { return *object_; }
  T* operator->() const { return object_; }
  explicit operator bool() const { return object_ != nullptr; }
  bool unique() const { return object_->unique(); }
  // Gives the count to the caller.
  T* leave() { return std::exchange(object_, nullptr); }

  // The same object; ask the objects themselves whether they are equal.
  friend bool operator==(const Ref& a, const Ref& b) { return a.object_ == b.object_; }

 private:
  T* object_ = nullptr;
};

template <typename T, typename... Arguments>
Ref<T> make_ref(Arguments&&... arguments) {
  return Ref<T>(new T(std::forward<Arguments>(arguments)...));
}

}  // namespace ottla
