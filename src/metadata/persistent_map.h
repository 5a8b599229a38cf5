// A sorted map whose copies share what they have in common: a copy is one pointer, and a change to it makes anew
// only the nodes on the way from the root to the entry. What nobody else holds is changed in place, so that many
// changes to one copy cost about what they cost a mutable map.
//
// Use:         PersistentMap<std::string, int> next = now;   next.set("a", 1);   // `now` stays
//              for (const auto& [key, value] : next) …
//              diff(now, next, [](const std::string& key, const int* before, const int* after) { … });
// Lifetime:    pointers and iterators into a map are good until that map changes or ends.
// Concurrency: a map is confined to one shard; its copies may be on others.
// Invariants:  entries come in the order of their keys, whatever was done to the map before.
#pragma once

#include <cmath>
#include <cstddef>
#include <functional>
#include <iterator>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/counted.h"
#include "metadata/persistent_tree.h"

namespace ottla::metadata {

// Equal, whoever holds it: what Refs point to is compared, and a number is equal to itself whatever it is.
template <typename V>
bool same_value(const V& a, const V& b) {
  if constexpr (requires { *a.get() == *b.get(); }) {
    return a.get() == b.get() || *a.get() == *b.get();
  } else if constexpr (std::is_floating_point_v<V>) {
    return (a == b && std::signbit(a) == std::signbit(b)) || (std::isnan(a) && std::isnan(b));
  } else {
    return a == b;
  }
}

template <typename K, typename V, typename Less = std::less<>>
class PersistentMap {
 public:
  using key_type = K;
  using mapped_type = V;
  using value_type = std::pair<K, V>;

  class Iterator {
   public:
    using value_type = std::pair<K, V>;
    using difference_type = std::ptrdiff_t;
    using iterator_category = std::forward_iterator_tag;
    using reference = const value_type&;
    using pointer = const value_type*;

    Iterator() {}
    explicit Iterator(persistent::Cursor<K, V> cursor) : cursor_(cursor) {}
    reference operator*() const { return cursor_.entry(); }
    pointer operator->() const { return &cursor_.entry(); }
    Iterator& operator++() {
      cursor_.next();
      return *this;
    }
    Iterator operator++(int) {
      Iterator before = *this;
      cursor_.next();
      return before;
    }
    friend bool operator==(const Iterator&, const Iterator&) = default;

   private:
    persistent::Cursor<K, V> cursor_;
  };

  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  Iterator begin() const { return Iterator(persistent::Cursor<K, V>(root_.get())); }
  Iterator end() const { return Iterator(); }
  template <typename Key>
  Iterator lower_bound(const Key& key) const {
    return Iterator(persistent::Cursor<K, V>(root_.get(), key, less_));
  }

  // Null when there is none.
  template <typename Key>
  const V* find(const Key& key) const {
    const persistent::Node<K, V>* node = root_.get();
    if (node == nullptr) return nullptr;
    while (node->level > 0) {
      const auto& children = persistent::as_inner(*node).children;
      node = children[persistent::child_of(children, key, less_)].second.get();
    }
    const auto& entries = persistent::as_leaf(*node).entries;
    const std::size_t index = persistent::first_not_less(entries, key, less_);
    return index < entries.size() && !less_(key, entries[index].first) ? &entries[index].second : nullptr;
  }
  template <typename Key>
  bool contains(const Key& key) const {
    return find(key) != nullptr;
  }

  // The value to be changed in place, or null when there is none. Everything else that shares it keeps its own.
  template <typename Key>
  V* edit(const Key& key) {
    return contains(key) ? edit_below(root_, key) : nullptr;
  }

  // The value to be changed in place; a new one when there was none.
  template <typename Key>
  V& at_or_new(const Key& key) {
    if (V* value = edit(key); value != nullptr) return *value;
    return insert(K(key), V());
  }

  template <typename Key>
  void set(const Key& key, V value) {
    if (V* place = edit(key); place != nullptr) {
      *place = std::move(value);
    } else {
      insert(K(key), std::move(value));
    }
  }

  // Whether there was one.
  template <typename Key>
  bool erase(const Key& key) {
    if (!contains(key)) return false;
    erase_below(root_, key);
    --size_;
    if (size_ == 0) root_ = nullptr;
    while (root_ && root_->level > 0 && persistent::as_inner(*root_).children.size() == 1) {
      NodeRef child = persistent::as_inner(*root_).children.front().second;
      root_ = std::move(child);
    }
    return true;
  }

  // For who visits many small maps that lie far apart: asks the processor to fetch the root, and once that is near, its
  // first entry. Change nothing, and cost little where they are not needed.
  void prefetch_root() const { __builtin_prefetch(root_.get()); }
  void prefetch_front() const {
    if (root_ && root_->level == 0) __builtin_prefetch(persistent::as_leaf(*root_).entries.data());
  }

  // The same nodes: nothing has changed, and nothing needs to be looked at.
  bool shares_all_with(const PersistentMap& other) const { return root_ == other.root_; }

  // Calls f(key, before, after) in the order of the keys for what `same` does not call the same; null is for none.
  // Costs what changed, not what there is.
  template <typename Same, typename F>
  friend void diff_by(const PersistentMap& before, const PersistentMap& after, Same&& same, F&& f) {
    const V* const none = nullptr;
    persistent::Cursor<K, V> old_place(before.root_.get());
    persistent::Cursor<K, V> new_place(after.root_.get());
    while (!old_place.at_end() && !new_place.at_end()) {
      if (old_place.skip_shared(new_place)) continue;
      const auto& old_entry = old_place.entry();
      const auto& new_entry = new_place.entry();
      if (after.less_(old_entry.first, new_entry.first)) {
        f(old_entry.first, &old_entry.second, none);
        old_place.next();
      } else if (after.less_(new_entry.first, old_entry.first)) {
        f(new_entry.first, none, &new_entry.second);
        new_place.next();
      } else {
        if (!same(old_entry.second, new_entry.second))
          f(new_entry.first, &old_entry.second, &new_entry.second);
        old_place.next();
        new_place.next();
      }
    }
    for (; !old_place.at_end(); old_place.next()) f(old_place.entry().first, &old_place.entry().second, none);
    for (; !new_place.at_end(); new_place.next()) f(new_place.entry().first, none, &new_place.entry().second);
  }

  template <typename F>
  friend void diff(const PersistentMap& before, const PersistentMap& after, F&& f) {
    diff_by(before, after, same_value<V>, f);
  }

  friend bool operator==(const PersistentMap& a, const PersistentMap& b) {
    if (a.size_ != b.size_) return false;
    bool equal = true;
    diff(a, b, [&](const K&, const V*, const V*) { equal = false; });
    return equal;
  }

 private:
  using Node = persistent::Node<K, V>;
  using Leaf = persistent::Leaf<K, V>;
  using Inner = persistent::Inner<K, V>;
  using NodeRef = Ref<Node>;

  // Nodes that only this map holds. Below a copied node all is held by two, so that it is copied when its turn comes.
  static Leaf& own_leaf(NodeRef& node) {
    if (!node.unique()) node = NodeRef(new Leaf(persistent::as_leaf(*node)));
    return static_cast<Leaf&>(*node);
  }
  static Inner& own_inner(NodeRef& node) {
    if (!node.unique()) node = NodeRef(new Inner(persistent::as_inner(*node)));
    return static_cast<Inner&>(*node);
  }

  template <typename Key>
  V* edit_below(NodeRef& node, const Key& key) {
    if (node->level > 0) {
      auto& children = own_inner(node).children;
      return edit_below(children[persistent::child_of(children, key, less_)].second, key);
    }
    auto& entries = own_leaf(node).entries;
    return &entries[persistent::first_not_less(entries, key, less_)].second;
  }

  // The key must not be there.
  V& insert(K key, V value) {
    ++size_;
    if (!root_) root_ = NodeRef(new Leaf());
    V* place = nullptr;
    std::pair<K, NodeRef> right = insert_below(root_, std::move(key), std::move(value), place);
    if (right.second) {
      auto* parent = new Inner(static_cast<std::uint8_t>(root_->level + 1));
      NodeRef owner(parent);
      parent->children.reserve(persistent::kFan);
      parent->children.emplace_back(K(), std::move(root_));
      parent->children.push_back(std::move(right));
      root_ = std::move(owner);
    }
    return *place;
  }

  // Returns what was split off to the right of `node`, if there was no room.
  std::pair<K, NodeRef> insert_below(NodeRef& node, K key, V value, V*& place) {
    if (node->level == 0) {
      auto& entries = own_leaf(node).entries;
      const std::size_t index = persistent::first_not_less(entries, key, less_);
      std::pair<K, V> entry(std::move(key), std::move(value));
      if (entries.size() < persistent::kFan) {
        place = &entries.insert(at(entries, index), std::move(entry))->second;
        return {};
      }
      auto* right = new Leaf();
      NodeRef owner(right);
      auto& there = split(entries, right->entries, index);
      const std::size_t moved = &there == &entries ? 0 : entries.size();
      place = &there.insert(at(there, index - moved), std::move(entry))->second;
      return {right->entries.front().first, std::move(owner)};
    }
    auto& children = own_inner(node).children;
    const std::size_t index = persistent::child_of(children, key, less_);
    std::pair<K, NodeRef> child =
        insert_below(children[index].second, std::move(key), std::move(value), place);
    if (!child.second) return {};
    if (children.size() < persistent::kFan) {
      children.insert(at(children, index + 1), std::move(child));
      return {};
    }
    auto* right = new Inner(node->level);
    NodeRef owner(right);
    auto& there = split(children, right->children, index + 1);
    const std::size_t moved = &there == &children ? 0 : children.size();
    there.insert(at(there, index + 1 - moved), std::move(child));
    return {right->children.front().first, std::move(owner)};
  }

  // Moves half of the elements to the right, or none when what is to come at `index` comes last: what is filled in
  // ascending order is left full. Returns the side on which that index is.
  template <typename Elements>
  static Elements& split(Elements& left, Elements& right, std::size_t index) {
    const std::size_t kept = index == left.size() ? left.size() : left.size() / 2;
    right.reserve(persistent::kFan);
    right.insert(right.end(), std::make_move_iterator(at(left, kept)), std::make_move_iterator(left.end()));
    left.erase(at(left, kept), left.end());
    return index > kept || right.empty() ? right : left;
  }

  // The key must be there.
  template <typename Key>
  void erase_below(NodeRef& node, const Key& key) {
    if (node->level == 0) {
      auto& entries = own_leaf(node).entries;
      entries.erase(at(entries, persistent::first_not_less(entries, key, less_)));
      return;
    }
    auto& children = own_inner(node).children;
    const std::size_t index = persistent::child_of(children, key, less_);
    erase_below(children[index].second, key);
    if (count(*children[index].second) == 0) {
      children.erase(at(children, index));
    } else if (count(*children[index].second) <= persistent::kFan / 4) {
      merge(children, index);
    }
  }

  static std::size_t count(const Node& node) {
    return node.level == 0 ? persistent::as_leaf(node).entries.size()
                           : persistent::as_inner(node).children.size();
  }

  // Joins the child with a neighbour when there is one with room.
  static void merge(std::vector<std::pair<K, NodeRef>>& children, std::size_t index) {
    for (const std::size_t left : {index, index - 1}) {
      if (left >= children.size() || left + 1 >= children.size()) continue;
      const Node& right = *children[left + 1].second;
      if (count(*children[left].second) + count(right) > persistent::kFan) continue;
      if (right.level == 0) {
        auto& entries = own_leaf(children[left].second).entries;
        const auto& more = persistent::as_leaf(right).entries;
        entries.insert(entries.end(), more.begin(), more.end());
      } else {
        auto& grandchildren = own_inner(children[left].second).children;
        const std::size_t seam = grandchildren.size();
        const auto& more = persistent::as_inner(right).children;
        grandchildren.insert(grandchildren.end(), more.begin(), more.end());
        // The leftmost child's bound may be too large; its node's own bound is right.
        grandchildren[seam].first = children[left + 1].first;
      }
      children.erase(at(children, left + 1));
      return;
    }
  }

  template <typename Elements>
  static auto at(Elements& elements, std::size_t index) {
    return elements.begin() + static_cast<std::ptrdiff_t>(index);
  }

  NodeRef root_;
  std::size_t size_ = 0;
  [[no_unique_address]] Less less_;
};

}  // namespace ottla::metadata
