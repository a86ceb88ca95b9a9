#pragma once

#include <fmt/format.h>

#include <atomic>
#include <compare>
#include <concepts>
#include <cstdint>
#include <iosfwd>
#include <string>
#include <string_view>
#include <utility>

namespace lockkeeper {

/// Text that never changes and costs one pointer; copies share it, from any thread. For what is the same in
/// many clusters (a format, a field path) or several times in one (its file). Reads like a std::string.
class SharedText {
 public:
  SharedText() = default;
  /// Implicit, as for std::string.
  template <class T>
    requires std::convertible_to<const T&, std::string_view> && (!std::same_as<T, SharedText>)
  SharedText(const T& text) : SharedText(Make(text)) {}  // NOLINT(google-explicit-constructor)

  SharedText(const SharedText& other) : body_(other.body_) {
    if (body_ != nullptr) body_->owners.fetch_add(1, std::memory_order_relaxed);
  }
  SharedText(SharedText&& other) noexcept : body_(std::exchange(other.body_, nullptr)) {}
  SharedText& operator=(SharedText other) noexcept {
    std::swap(body_, other.body_);
    return *this;
  }
  ~SharedText() {
    if (body_ != nullptr && body_->owners.fetch_sub(1, std::memory_order_acq_rel) == 1) delete body_;
  }

  const std::string& str() const { return body_ != nullptr ? body_->text : Empty(); }
  operator const std::string&() const { return str(); }  // NOLINT(google-explicit-constructor)
  operator std::string_view() const { return str(); }    // NOLINT(google-explicit-constructor)
  bool empty() const { return body_ == nullptr; }
  size_t size() const { return str().size(); }
  bool starts_with(std::string_view text) const { return str().starts_with(text); }
  bool ends_with(std::string_view text) const { return str().ends_with(text); }
  bool contains(std::string_view text) const { return str().contains(text); }
  size_t find(std::string_view text, size_t from = 0) const { return str().find(text, from); }

  friend bool operator==(const SharedText& a, const SharedText& b) {
    return a.body_ == b.body_ || a.str() == b.str();
  }
  friend auto operator<=>(const SharedText& a, const SharedText& b) { return a.str() <=> b.str(); }
  template <class T>
    requires std::convertible_to<const T&, std::string_view> && (!std::same_as<T, SharedText>)
  friend bool operator==(const SharedText& a, const T& b) {
    return std::string_view(a.str()) == std::string_view(b);
  }
  template <class T>
    requires std::convertible_to<const T&, std::string_view> && (!std::same_as<T, SharedText>)
  friend auto operator<=>(const SharedText& a, const T& b) {
    return std::string_view(a.str()) <=> std::string_view(b);
  }
  template <class Traits>
  friend std::basic_ostream<char, Traits>& operator<<(std::basic_ostream<char, Traits>& out,
                                                      const SharedText& text) {
    return out << text.str();
  }
  friend std::string operator+(const SharedText& a, std::string_view b) { return a.str() + std::string(b); }
  friend std::string operator+(std::string_view a, const SharedText& b) { return std::string(a) + b.str(); }

 private:
  struct Body {
    explicit Body(std::string_view from) : text(from) {}
    std::atomic<uint32_t> owners{1};
    const std::string text;
  };

  static SharedText Make(std::string_view text) {
    SharedText made;
    if (!text.empty()) made.body_ = new Body(text);
    return made;
  }
  static const std::string& Empty() {
    static const std::string kEmpty;
    return kEmpty;
  }

  Body* body_ = nullptr;  ///< null: the empty text
};

}  // namespace lockkeeper

template <>
struct fmt::formatter<lockkeeper::SharedText> : fmt::formatter<std::string_view> {
  template <class Context>
  auto format(const lockkeeper::SharedText& text, Context& context) const {
    return fmt::formatter<std::string_view>::format(text.str(), context);
  }
};
