#pragma once

#include <functional>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>

#include "gitops/remote/git_service.h"
#include "gitops/remote/pkt_line.h"
#include "transport_test_cases.h"

namespace lockkeeper {

inline constexpr std::string_view kId = "1111111111111111111111111111111111111111";
inline constexpr std::string_view kAdvertised = "application/x-git-upload-pack-advertisement";
inline constexpr std::string_view kResult = "application/x-git-upload-pack-result";

inline std::string Lines(std::initializer_list<std::string_view> lines) {
  std::string text;
  for (const std::string_view line : lines) {
    if (line.empty()) {
      text += kFlush;
    } else {
      AppendPktLine(text, line);
    }
  }
  return text;
}

inline std::string Refs(GitService service,
                        std::string_view abilities = "side-band-64k ofs-delta report-status atomic") {
  return Lines({fmt::format("# service={}\n", ServiceName(service)), "",
                fmt::format("{} refs/heads/main{}{} symref=HEAD:refs/heads/main\n", kId, '\0', abilities),
                ""});
}

/// A server that says what a test wants.
class HostileServer : public RemoteCase {
 protected:
  std::unique_ptr<RemoteTransport> Open(const std::string& url,
                                        const RemoteLimits& limits = QuickLimits()) const {
    const RemoteAccess access{.username = "canary-7f3a-user",
                              .token_file = Write("token", std::string(kCanary) + "\n"),
                              .headers_file = Write("headers", "X-Token: canary-7f3a-header\n")};
    auto transport = OpenTransport("http://canary-7f3a-user@" + url.substr(7) + "/fleet.git", access, limits);
    EXPECT_TRUE(transport.has_value());
    return std::move(*transport);
  }
  /// Of a fetch, with what every error of it must keep to.
  Result<FetchOutcome> FetchFrom(const std::string& url, const RemoteLimits& limits = QuickLimits()) const {
    auto transport = Open(url, limits);
    auto outcome = Fetch(*transport);
    if (!outcome) ExpectSafe(outcome.error());
    EXPECT_TRUE(!std::filesystem::exists(clone() + "/objects/pack") ||
                std::filesystem::is_empty(clone() + "/objects/pack"));
    return outcome;
  }
  static void ExpectSafe(const Error& error) {
    EXPECT_THAT(error.message, ::testing::Not(::testing::HasSubstr("canary")));
    EXPECT_THAT(error.message, ::testing::HasSubstr("127.0.0.1"));
    EXPECT_LT(error.message.size(), 3000U);
    for (const char c : error.message) EXPECT_GE(static_cast<unsigned char>(c), 0x20) << error.message;
  }
  /// A server that answers the first request and the second one so.
  static std::function<std::string(const std::string&)> Answers(std::string first, std::string second = {}) {
    return [first = std::move(first), second = std::move(second)](const std::string& request) {
      return request.starts_with("GET") ? first : second;
    };
  }
  std::string AnyPack() const { return Write("any.pack", "PACK\0\0\0\2\0\0\0\0 and so on"); }
};

}  // namespace lockkeeper
