#pragma once

#include <curl/curl.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "net/credentials.h"
#include "net/http_client.h"
#include "schemas/error.h"

namespace lockkeeper {

struct CurlMultiEnd {
  void operator()(CURLM* multi) const { curl_multi_cleanup(multi); }
};
struct CurlEasyEnd {
  void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
};
struct CurlListEnd {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using CurlMultiHandle = std::unique_ptr<CURLM, CurlMultiEnd>;
using CurlEasyHandle = std::unique_ptr<CURL, CurlEasyEnd>;
using CurlListHandle = std::unique_ptr<curl_slist, CurlListEnd>;

/// One request and one answer, without following anything.
class Exchange {
 public:
  enum class End {
    kAnswered,  ///< there is a status; the body was taken if it is 200
    kFailed,    ///< by libcurl's code
    kRefused,   ///< by ourselves: `refusal`
    kIdle,
    kLate
  };

  /// `credentials`: null where they are not for this server.
  Exchange(const HttpClient::Options& options, const HttpRequest& request, const std::string& url,
           const HttpCredentials* credentials);
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;

  End Run(CURLM* connections);

  CURLcode code() const { return code_; }
  /// libcurl's words for `code`.
  std::string why() const;
  const Error& refusal() const { return *refusal_; }
  long status() const { return status_; }
  /// The answer of a proxy that was asked for a tunnel; 0: there was none.
  long proxy_status() const;
  /// Where the answer sends us; empty: nowhere.
  std::string redirect_url() const;
  const std::string& content_type() const { return content_type_; }
  /// The beginning of the body of an answer that is not 200.
  const std::string& said() const { return said_; }
  std::optional<std::chrono::seconds> retry_after() const;

 private:
  void SetUp(const HttpClient::Options& options, const std::string& url, const HttpCredentials* credentials);
  void SetCredentials(const HttpClient::Options& options, const HttpCredentials& credentials);
  void SetTls(const HttpAccess& access);
  void SetBody();
  std::optional<End> LookAtClock(std::chrono::steady_clock::time_point now);
  void TakeHeader(std::string_view line);
  bool TakeBody(std::string_view bytes);
  size_t GiveBody(std::span<char> room);

  static size_t OnHeader(char* bytes, size_t size, size_t count, void* self);
  static size_t OnBody(char* bytes, size_t size, size_t count, void* self);
  static size_t OnRead(char* room, size_t size, size_t count, void* self);

  const HttpRequest& request_;
  std::chrono::milliseconds idle_max_;
  CurlListHandle headers_;  // The handle's until its end.
  CurlEasyHandle easy_;
  char why_[CURL_ERROR_SIZE] = {};
  CURLcode code_ = CURLE_OK;
  std::optional<Error> refusal_;
  long status_ = 0;
  std::string content_type_;
  std::string retry_after_;
  std::string date_;
  std::string said_;
  size_t header_bytes_ = 0;
  uint64_t body_left_ = 0;
  bool moved_ = false;  // A byte came or went since the clock was looked at.
  curl_off_t uploaded_ = 0;
  std::chrono::steady_clock::time_point last_move_;
};

}  // namespace lockkeeper
