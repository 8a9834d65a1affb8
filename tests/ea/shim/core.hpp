// Types of MQL5 as C++17: UTF-16 strings by value, bounds-checked arrays, integers of MQL5's sizes.
// A critical error of MQL5 (array out of range) ends the program; here it aborts with its reason.
#pragma once
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>

namespace mql5 {

typedef unsigned char uchar;
typedef unsigned short ushort;
typedef unsigned int uint;
typedef unsigned long ulong;
typedef long datetime;
typedef unsigned int color;
static_assert(sizeof(long) == 8 && sizeof(int) == 4, "MQL5's long has 64 bits, its int 32");

/// Ends the program as a critical error of MQL5 does, with the reason on stderr.
[[noreturn]] void critical(const char* reason);

/// MQL5's string: a value of UTF-16 units. Numbers do not become strings by themselves.
class string {
 public:
  string() = default;
  string(std::u16string text) : text_(std::move(text)) {}
  string& operator+=(const string& other) { text_ += other.text_; return *this; }
  friend string operator+(const string& a, const string& b) { return string(a.text_ + b.text_); }
  friend bool operator==(const string& a, const string& b) { return a.text_ == b.text_; }
  friend bool operator!=(const string& a, const string& b) { return a.text_ != b.text_; }
  friend bool operator<(const string& a, const string& b) { return a.text_ < b.text_; }
  friend bool operator>(const string& a, const string& b) { return a.text_ > b.text_; }
  friend bool operator<=(const string& a, const string& b) { return a.text_ <= b.text_; }
  friend bool operator>=(const string& a, const string& b) { return a.text_ >= b.text_; }
  std::u16string& units() { return text_; }
  const std::u16string& units() const { return text_; }

 private:
  std::u16string text_;
};

/// What the preprocess makes of every string literal.
inline string operator""_s(const char16_t* text, size_t length) {
  return string(std::u16string(text, length));
}

std::string toUtf8(const string& text);
string fromUtf8(const std::string& text);

/// A dynamic array of MQL5: one dimension, checked at every access. Elements that a resize adds are
/// undefined in MQL5; numbers get a pattern here, so that whoever relies on zero finds out.
template <typename T>
class MqlArray {
 public:
  MqlArray() = default;
  MqlArray(std::initializer_list<T> items) {
    resize(static_cast<int>(items.size()), 0);
    int at = 0;
    for (const T& item : items) items_[at++] = item;
  }
  MqlArray(const MqlArray& other) { *this = other; }
  MqlArray& operator=(const MqlArray& other) {
    if (this == &other) return *this;
    if (!fixed_) resize(other.size_, 0);
    for (int at = 0; at < size_ && at < other.size_; at++) items_[at] = other.items_[at];
    return *this;
  }

  template <typename I> T& operator[](I index) { return items_[checked(index)]; }
  template <typename I> const T& operator[](I index) const { return items_[checked(index)]; }

  int size() const { return size_; }
  bool fixed() const { return fixed_; }
  T* data() { return items_.get(); }
  const T* data() const { return items_.get(); }

  /// New size, or -1 for a fixed array that would have to grow or a negative size.
  int resize(int size, int reserve) {
    if (size < 0) return -1;
    if (fixed_) return size <= size_ ? size_ : -1;
    if (size > capacity_) {
      const int capacity = size + (reserve > 0 ? reserve : 0);
      std::unique_ptr<T[]> grown(new T[static_cast<size_t>(capacity)]);
      poison(grown.get(), capacity);
      for (int at = 0; at < size_; at++) grown[at] = std::move(items_[at]);
      items_ = std::move(grown);
      capacity_ = capacity;
    } else if (size > size_) {
      poison(items_.get() + size_, size - size_);
    }
    size_ = size;
    return size;
  }
  void release() {
    if (fixed_) return;
    items_.reset();
    size_ = 0;
    capacity_ = 0;
  }
  void swapWith(MqlArray& other) {
    std::swap(items_, other.items_);
    std::swap(size_, other.size_);
    std::swap(capacity_, other.capacity_);
  }

 protected:
  void fix(int size) {
    resize(size, 0);
    for (int at = 0; at < size; at++) items_[at] = T();
    fixed_ = true;
  }

 private:
  template <typename I> size_t checked(I index) const {
    static_assert(std::is_integral<I>::value || std::is_enum<I>::value, "an index is a whole number");
    const long at = static_cast<long>(index);
    if (at < 0 || at >= size_) critical("array out of range");
    return static_cast<size_t>(at);
  }
  static void poison(T* from, int count) {
    if constexpr (std::is_arithmetic<T>::value && !std::is_same<T, bool>::value)
      for (int at = 0; at < count; at++)
        __builtin_memset(static_cast<void*>(from + at), 0x5A, sizeof(T));
    else
      for (int at = 0; at < count; at++) from[at] = T();
  }
  std::unique_ptr<T[]> items_;
  int size_ = 0;
  int capacity_ = 0;
  bool fixed_ = false;
};

/// `T a[N]`: an array whose size never changes. What is not listed is zero.
template <typename T, int N>
class MqlFixed : public MqlArray<T> {
 public:
  MqlFixed() { this->fix(N); }
  MqlFixed(std::initializer_list<T> items) {
    static_assert(N > 0, "an array has at least one element");
    this->fix(N);
    int at = 0;
    for (const T& item : items) (*this)[at++] = item;
  }
  MqlFixed(const MqlFixed& other) : MqlArray<T>() {
    this->fix(N);
    MqlArray<T>::operator=(other);
  }
  MqlFixed& operator=(const MqlFixed& other) {
    MqlArray<T>::operator=(other);
    return *this;
  }
};

/// An input's value: the one that the terminal's dialog holds (`MQL_INPUTS`), else the default.
template <typename T> T inputValue(const char* name, T fallback);
template <> bool inputValue(const char* name, bool fallback);
template <> int inputValue(const char* name, int fallback);
template <> uint inputValue(const char* name, uint fallback);
template <> long inputValue(const char* name, long fallback);
template <> ulong inputValue(const char* name, ulong fallback);
template <> double inputValue(const char* name, double fallback);
template <> string inputValue(const char* name, string fallback);
template <typename T, typename = std::enable_if_t<std::is_enum<T>::value>>
T inputOf(const char* name, T fallback, int = 0) {
  return static_cast<T>(inputValue<int>(name, static_cast<int>(fallback)));
}
template <typename T, typename = std::enable_if_t<!std::is_enum<T>::value>>
T inputOf(const char* name, T fallback, long = 0) {
  return inputValue<T>(name, std::move(fallback));
}

}  // namespace mql5
