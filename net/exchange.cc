#include "net/exchange.h"

#include <algorithm>
#include <exception>

#include "net/foreign_text.h"
#include "net/retry_after.h"
#include "schemas/assert.h"

namespace lockkeeper {
namespace {

constexpr size_t kHeaderBytesMax = size_t{256} << 10;
constexpr size_t kSaidBytesMax = size_t{4} << 10;
constexpr std::chrono::milliseconds kLookMax{1000};

template <class T>
void Set(CURL* easy, CURLoption option, T value) {
  const CURLcode code = curl_easy_setopt(easy, option, value);
  LK_ASSERT(code == CURLE_OK || code == CURLE_OUT_OF_MEMORY);
}

void Append(CurlListHandle& list, const std::string& line) {
  curl_slist* longer = curl_slist_append(list.get(), line.c_str());
  LK_ASSERT(longer != nullptr);
  (void)list.release();
  list.reset(longer);
}

bool SameWord(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](char x, char y) {
    auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
    return lower(x) == lower(y);
  });
}

std::string_view Trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && std::string_view(" \t\r\n").contains(text.back())) text.remove_suffix(1);
  return text;
}

}  // namespace

Exchange::Exchange(const HttpClient::Options& options, const HttpRequest& request, const std::string& url,
                   const HttpCredentials* credentials)
    : request_(request), idle_max_(options.times.idle_max), easy_(curl_easy_init()) {
  LK_ASSERT(easy_ != nullptr);
  SetUp(options, url, credentials);
}

void Exchange::SetUp(const HttpClient::Options& options, const std::string& url,
                     const HttpCredentials* credentials) {
  CURL* easy = easy_.get();
  Set(easy, CURLOPT_ERRORBUFFER, why_);
  Set(easy, CURLOPT_URL, url.c_str());
  Set(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  Set(easy, CURLOPT_USERAGENT, options.agent.c_str());
  Set(easy, CURLOPT_NOSIGNAL, 1L);
  // A name server that is silent must not hold up the end.
  Set(easy, CURLOPT_QUICK_EXIT, 1L);
  Set(easy, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(options.times.connect_max.count()));
  Set(easy, CURLOPT_TCP_KEEPALIVE, 1L);
  Set(easy, CURLOPT_HEADERFUNCTION, &Exchange::OnHeader);
  Set(easy, CURLOPT_HEADERDATA, this);
  Set(easy, CURLOPT_WRITEFUNCTION, &Exchange::OnBody);
  Set(easy, CURLOPT_WRITEDATA, this);
  // What is asked of the server is not what the proxy is asked, and the other way round.
  Set(easy, CURLOPT_HEADEROPT, static_cast<long>(CURLHEADER_SEPARATE));
  Set(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
  if (!options.access.proxy.empty()) {
    Set(easy, CURLOPT_PROXY, options.access.proxy.c_str());
    Set(easy, CURLOPT_NOPROXY, "");
  }
  SetTls(options.access);
  for (const std::string& header : request_.headers) Append(headers_, header);
  if (credentials != nullptr) SetCredentials(options, *credentials);
  if (request_.body) SetBody();
  if (headers_) Set(easy, CURLOPT_HTTPHEADER, headers_.get());
}

void Exchange::SetTls(const HttpAccess& access) {
  CURL* easy = easy_.get();
  Set(easy, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  Set(easy, CURLOPT_PROXY_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  Set(easy, CURLOPT_SSL_VERIFYPEER, 1L);
  Set(easy, CURLOPT_SSL_VERIFYHOST, 2L);
  Set(easy, CURLOPT_PROXY_SSL_VERIFYPEER, 1L);
  Set(easy, CURLOPT_PROXY_SSL_VERIFYHOST, 2L);
  if (access.ca_file.empty()) return;
  // The system's folder of authorities would be asked beside the file.
  Set(easy, CURLOPT_CAINFO, access.ca_file.c_str());
  Set(easy, CURLOPT_CAPATH, static_cast<const char*>(nullptr));
  Set(easy, CURLOPT_PROXY_CAINFO, access.ca_file.c_str());
  Set(easy, CURLOPT_PROXY_CAPATH, static_cast<const char*>(nullptr));
}

void Exchange::SetCredentials(const HttpClient::Options& options, const HttpCredentials& credentials) {
  CURL* easy = easy_.get();
  const HttpAccess& access = options.access;
  for (const SecretHeader& header : credentials.headers) {
    const Secret line(header.name + ": " + header.value.Reveal());
    Append(headers_, line.Reveal());
  }
  if (!credentials.token.empty() && access.username.empty()) {
    Set(easy, CURLOPT_HTTPAUTH, static_cast<long>(CURLAUTH_BEARER));
    Set(easy, CURLOPT_XOAUTH2_BEARER, credentials.token.Reveal().c_str());
  } else if (!credentials.token.empty()) {
    Set(easy, CURLOPT_HTTPAUTH, static_cast<long>(CURLAUTH_BASIC));
    Set(easy, CURLOPT_USERNAME, access.username.c_str());
    Set(easy, CURLOPT_PASSWORD, credentials.token.Reveal().c_str());
  }
  if (access.client_certificate_file.empty()) return;
  const bool apart = !access.client_key_file.empty();
  Set(easy, CURLOPT_SSLCERT, access.client_certificate_file.c_str());
  Set(easy, CURLOPT_SSLKEY, (apart ? access.client_key_file : access.client_certificate_file).c_str());
  // For a key with a passphrase OpenSSL would otherwise ask on the terminal, and wait.
  Set(easy, CURLOPT_KEYPASSWD, "");
}

void Exchange::SetBody() {
  CURL* easy = easy_.get();
  body_left_ = request_.body->size;
  Set(easy, CURLOPT_POST, 1L);
  Set(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request_.body->size));
  Set(easy, CURLOPT_READFUNCTION, &Exchange::OnRead);
  Set(easy, CURLOPT_READDATA, this);
  // Without "100 Continue", which some servers never say, and a second of waiting for it.
  Append(headers_, "Expect:");
}

Exchange::End Exchange::Run(CURLM* connections) {
  last_move_ = std::chrono::steady_clock::now();
  curl_multi_add_handle(connections, easy_.get());
  std::optional<End> end;
  while (!end) {
    int running = 0;
    const CURLMcode performed = curl_multi_perform(connections, &running);
    const auto now = std::chrono::steady_clock::now();
    end = LookAtClock(now);
    if (performed != CURLM_OK) {
      code_ = CURLE_OUT_OF_MEMORY;
      end = End::kFailed;
    } else if (running == 0) {
      int left = 0;
      const CURLMsg* message = curl_multi_info_read(connections, &left);
      code_ = message == nullptr ? CURLE_OUT_OF_MEMORY : message->data.result;
      end = code_ == CURLE_OK ? End::kAnswered : End::kFailed;
    }
    if (refusal_) end = End::kRefused;
    if (end) break;
    const auto until = std::min({request_.deadline, last_move_ + idle_max_, now + kLookMax});
    const auto wait = std::chrono::ceil<std::chrono::milliseconds>(until - now);
    curl_multi_poll(connections, nullptr, 0, static_cast<int>(std::max<int64_t>(wait.count(), 1)), nullptr);
  }
  curl_multi_remove_handle(connections, easy_.get());
  return *end;
}

std::optional<Exchange::End> Exchange::LookAtClock(std::chrono::steady_clock::time_point now) {
  curl_off_t uploaded = 0;
  curl_easy_getinfo(easy_.get(), CURLINFO_SIZE_UPLOAD_T, &uploaded);
  curl_off_t connected = 0;
  curl_easy_getinfo(easy_.get(), CURLINFO_PRETRANSFER_TIME_T, &connected);
  // Until there is a connection, the limit on connecting counts.
  if (moved_ || uploaded != uploaded_ || connected == 0) last_move_ = now;
  moved_ = false;
  uploaded_ = uploaded;
  if (now >= request_.deadline) return End::kLate;
  if (now - last_move_ >= idle_max_) return End::kIdle;
  return std::nullopt;
}

void Exchange::TakeHeader(std::string_view line) {
  header_bytes_ += line.size();
  if (header_bytes_ > kHeaderBytesMax) {
    refusal_ = Error{ErrorKind::kTransient,
                     fmt::format("the answer has more than {} bytes of headers", kHeaderBytesMax)};
    return;
  }
  if (line.starts_with("HTTP/")) {
    curl_easy_getinfo(easy_.get(), CURLINFO_RESPONSE_CODE, &status_);
    content_type_.clear();
    retry_after_.clear();
    date_.clear();
  }
  const size_t colon = line.find(':');
  if (colon == std::string_view::npos) return;
  const std::string_view name = line.substr(0, colon);
  const std::string_view value = Trimmed(line.substr(colon + 1));
  if (SameWord(name, "content-type")) content_type_ = value;
  if (SameWord(name, "retry-after")) retry_after_ = value;
  if (SameWord(name, "date")) date_ = value;
}

bool Exchange::TakeBody(std::string_view bytes) {
  curl_easy_getinfo(easy_.get(), CURLINFO_RESPONSE_CODE, &status_);
  if (status_ != 200) {
    if (said_.size() >= kSaidBytesMax) return false;
    said_.append(bytes.substr(0, kSaidBytesMax - said_.size()));
    return true;
  }
  const std::string_view type = Trimmed(std::string_view(content_type_).substr(0, content_type_.find(';')));
  if (!SameWord(type, request_.answer_type)) {
    refusal_ = Error{ErrorKind::kTransient, fmt::format("the answer is of type '{}' where {} was expected",
                                                        OneLine(type, 80), request_.answer_type)};
    return false;
  }
  if (auto taken = request_.take(bytes); !taken) refusal_ = taken.error();
  return !refusal_;
}

size_t Exchange::GiveBody(std::span<char> room) {
  if (body_left_ == 0) return 0;
  auto given = request_.body->read(room.first(std::min<uint64_t>(room.size(), body_left_)));
  if (!given) {
    refusal_ = given.error();
    return CURL_READFUNC_ABORT;
  }
  LK_ASSERT(*given > 0 && *given <= body_left_);
  body_left_ -= *given;
  return *given;
}

// No exception may cross libcurl: what is thrown in here is the end of the conversation.
template <class Function>
static size_t Guarded(std::optional<Error>& refusal, size_t failed, Function&& function) {
  try {
    return function();
  } catch (const std::exception& exception) {
    refusal = Error{ErrorKind::kTransient, exception.what()};
    return failed;
  }
}

size_t Exchange::OnHeader(char* bytes, size_t size, size_t count, void* self) {
  auto* exchange = static_cast<Exchange*>(self);
  exchange->moved_ = true;
  return Guarded(exchange->refusal_, 0, [&]() -> size_t {
    exchange->TakeHeader({bytes, size * count});
    return exchange->refusal_ ? 0 : size * count;
  });
}

size_t Exchange::OnBody(char* bytes, size_t size, size_t count, void* self) {
  auto* exchange = static_cast<Exchange*>(self);
  exchange->moved_ = true;
  return Guarded(exchange->refusal_, 0,
                 [&]() -> size_t { return exchange->TakeBody({bytes, size * count}) ? size * count : 0; });
}

size_t Exchange::OnRead(char* room, size_t size, size_t count, void* self) {
  auto* exchange = static_cast<Exchange*>(self);
  exchange->moved_ = true;
  return Guarded(exchange->refusal_, CURL_READFUNC_ABORT,
                 [&] { return exchange->GiveBody({room, size * count}); });
}

std::string Exchange::why() const { return why_[0] != '\0' ? why_ : curl_easy_strerror(code_); }

long Exchange::proxy_status() const {
  long status = 0;
  curl_easy_getinfo(easy_.get(), CURLINFO_HTTP_CONNECTCODE, &status);
  return status;
}

std::string Exchange::redirect_url() const {
  const char* url = nullptr;
  curl_easy_getinfo(easy_.get(), CURLINFO_REDIRECT_URL, &url);
  return url == nullptr ? "" : url;
}

std::optional<std::chrono::seconds> Exchange::retry_after() const {
  return ParseRetryAfter(retry_after_, date_);
}

}  // namespace lockkeeper
