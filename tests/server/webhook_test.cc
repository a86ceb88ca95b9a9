#include "server/webhook.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <openssl/hmac.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "tests/support/temp_repository.h"

namespace lockkeeper {
namespace {

using nlohmann::json;

std::string FileText(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::string HmacHex(const std::string& key, const std::string& bytes) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
       reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), digest, &size);
  std::string hex;
  for (unsigned i = 0; i < size; ++i) hex += fmt::format("{:02x}", digest[i]);
  return hex;
}

const SharedSecret kSecret("s3cret");

WebRequest Signed(const std::string& event, const std::string& body) {
  return {.method = "POST",
          .path = "/webhook/github",
          .headers = {{"content-type", "application/json"},
                      {"x-github-event", event},
                      {"x-hub-signature-256", "sha256=" + HmacHex("s3cret", body)}},
          .body = body};
}

WebRequest FromGitLab(const std::string& token, const std::string& event, const std::string& body) {
  return {
      .headers = {{"content-type", "application/json"}, {"x-gitlab-event", event}, {"x-gitlab-token", token}},
      .body = body};
}

constexpr const char* kPush = R"({"ref": "refs/heads/main", "commits": [{"ref": "refs/heads/other"}]})";

// RFC 4231, test cases 1 and 2.
TEST(SharedSecret, SignsAsTheRfcSays) {
  EXPECT_TRUE(SharedSecret(std::string(20, '\x0b'))
                  .Signs("Hi There", "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"));
  const SharedSecret jefe("Jefe");
  EXPECT_TRUE(jefe.Signs("what do ya want for nothing?",
                         "5BDCC146BF60754E6A042426089575C75A003F089D2739839DEC58B964EC3843"));
  EXPECT_FALSE(jefe.Signs("what do ya want for nothing!",
                          "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"));
  for (const char* wrong : {"", "5b", "zbdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"})
    EXPECT_FALSE(jefe.Signs("what do ya want for nothing?", wrong)) << wrong;
}

TEST(SharedSecret, IsReadAnewFromItsFile) {
  const TempFolder folder;
  const std::string path = folder.path() + "/secret";
  auto write = [&](std::string_view text) { std::ofstream(path, std::ios::binary) << text; };
  auto message = [&] { return SharedSecret::Read(path).error().message; };
  EXPECT_THAT(message(), testing::HasSubstr("cannot be opened"));
  write("one\n");
  EXPECT_TRUE(SharedSecret::Read(path)->Equals("one"));
  write("  two words \r\n");
  EXPECT_TRUE(SharedSecret::Read(path)->Equals("two words"));
  EXPECT_FALSE(SharedSecret::Read(path)->Equals("one"));
  EXPECT_FALSE(SharedSecret::Read(path)->Equals(""));
  write(" \n");
  EXPECT_THAT(message(), testing::HasSubstr("is empty"));
  write("hidden\nwords\n");
  EXPECT_THAT(message(), testing::AllOf(testing::HasSubstr("several lines"),
                                        testing::Not(testing::HasSubstr("hidden"))));
  write(std::string(SharedSecret::kBytesMax, 'x'));
  EXPECT_TRUE(SharedSecret::Read(path));
  write(std::string(SharedSecret::kBytesMax + 1, 'x'));
  EXPECT_THAT(message(), testing::HasSubstr("longer than 4096 bytes"));
  EXPECT_THAT(SharedSecret::Read(folder.path()).error().message, testing::HasSubstr("is no file"));
}

/// As Gitea 1.22 sent them.
TEST(JudgeWebhook, TakesWhatGiteaSent) {
  const std::filesystem::path folder = std::filesystem::path(LK_SHARED) / "transcripts/gitea/webhooks";
  if (!std::filesystem::is_directory(folder)) GTEST_SKIP() << "the recorded webhooks are not here";
  int pushes = 0, others = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const json recorded = json::parse(FileText(entry.path()));
    WebRequest delivery{.method = "POST", .body = recorded["raw_body"]};
    for (const auto& header : recorded["headers"]) {
      std::string name = header[0];
      for (char& c : name) c = static_cast<char>(std::tolower(c));
      delivery.headers.emplace_back(name, header[1]);
    }
    const SharedSecret secret(recorded["secret"].get<std::string>());
    const bool is_push = *delivery.Header("x-gitea-event") == "push";
    // Gitea sends GitHub's headers too, so it may be pointed to either.
    for (WebhookForge forge : {WebhookForge::kGitea, WebhookForge::kGitHub}) {
      const WebhookVerdict verdict = JudgeWebhook(forge, delivery, secret);
      EXPECT_EQ(verdict.result, is_push ? WebhookResult::kPush : WebhookResult::kOtherEvent) << entry.path();
      if (is_push) {
        EXPECT_EQ(verdict.ref, json::parse(delivery.body)["ref"].get<std::string>());
      }
    }
    (is_push ? pushes : others) += 1;
    EXPECT_EQ(JudgeWebhook(WebhookForge::kGitea, delivery, SharedSecret("other")).result,
              WebhookResult::kWrongSecret);
    WebRequest tampered = delivery;
    tampered.body[tampered.body.size() / 2] ^= 1;
    EXPECT_EQ(JudgeWebhook(WebhookForge::kGitea, tampered, secret).result, WebhookResult::kWrongSecret);
    WebRequest half = delivery;
    for (auto& [name, value] : half.headers) {
      if (name == "x-gitea-signature") value[0] = value[0] == '0' ? '1' : '0';
    }
    EXPECT_EQ(JudgeWebhook(WebhookForge::kGitea, half, secret).result, WebhookResult::kWrongSecret);
    WebRequest bare = delivery;
    std::erase_if(bare.headers,
                  [](const auto& header) { return header.first.find("signature") != std::string::npos; });
    EXPECT_EQ(JudgeWebhook(WebhookForge::kGitea, bare, secret).result, WebhookResult::kUnsigned);
  }
  EXPECT_GT(pushes, 5);
  EXPECT_GT(others, 5);
}

/// The examples that GitHub publishes of its events.
TEST(JudgeWebhook, TakesWhatGitHubSends) {
  const std::filesystem::path file = std::filesystem::path(LK_SHARED) / "specs/github-webhooks/examples.json";
  if (!std::filesystem::is_regular_file(file)) GTEST_SKIP() << "GitHub's examples are not here";
  int pushes = 0, others = 0;
  for (const json& event : json::parse(FileText(file))) {
    for (const json& example : event["examples"]) {
      const std::string name = event["name"];
      const WebhookVerdict verdict =
          JudgeWebhook(WebhookForge::kGitHub, Signed(name, example.dump()), kSecret);
      EXPECT_EQ(verdict.result, name == "push" ? WebhookResult::kPush : WebhookResult::kOtherEvent) << name;
      if (name == "push") {
        EXPECT_EQ(verdict.ref, example["ref"].get<std::string>());
      }
      (name == "push" ? pushes : others) += 1;
    }
  }
  EXPECT_GT(pushes, 3);
  EXPECT_GT(others, 50);
}

TEST(JudgeWebhook, ReadsAForm) {
  WebRequest delivery = Signed("push", "payload=%7B%22ref%22%3A+%22refs%2Fheads%2Fmain%22%7D&x=1");
  delivery.headers[0].second = "application/x-www-form-urlencoded";
  const WebhookVerdict verdict = JudgeWebhook(WebhookForge::kGitHub, delivery, kSecret);
  EXPECT_EQ(verdict.result, WebhookResult::kPush) << verdict.message;
  EXPECT_EQ(verdict.ref, "refs/heads/main");
}

struct WebhookRow {
  std::string name;
  WebhookForge forge;
  WebRequest delivery;
  WebhookResult result;
};

class JudgeWebhookTable : public testing::TestWithParam<WebhookRow> {};

TEST_P(JudgeWebhookTable, Judges) {
  const WebhookVerdict verdict = JudgeWebhook(GetParam().forge, GetParam().delivery, kSecret);
  EXPECT_EQ(Name(verdict.result), Name(GetParam().result)) << verdict.message;
  EXPECT_FALSE(verdict.message.empty());
  EXPECT_THAT(verdict.message, testing::Not(testing::HasSubstr("s3cret")));
  if (verdict.result == WebhookResult::kPush) {
    EXPECT_EQ(verdict.ref, "refs/heads/main");
  }
}

WebRequest With(WebRequest delivery, const std::string& name, const std::string& value) {
  std::erase_if(delivery.headers, [&](const auto& header) { return header.first == name; });
  delivery.headers.emplace_back(name, value);
  return delivery;
}

const std::string kGitLabPush =
    R"({"object_kind": "push", "event_name": "push", "ref": "refs/heads/main", "commits": []})";

INSTANTIATE_TEST_SUITE_P(
    All, JudgeWebhookTable,
    testing::Values(
        WebhookRow{"gitlab_push", WebhookForge::kGitLab, FromGitLab("s3cret", "Push Hook", kGitLabPush),
                   WebhookResult::kPush},
        WebhookRow{"gitlab_system_push", WebhookForge::kGitLab,
                   FromGitLab("s3cret", "System Hook", kGitLabPush), WebhookResult::kPush},
        WebhookRow{"gitlab_system_other", WebhookForge::kGitLab,
                   FromGitLab("s3cret", "System Hook", R"({"event_name": "user_create"})"),
                   WebhookResult::kOtherEvent},
        WebhookRow{"gitlab_tag", WebhookForge::kGitLab, FromGitLab("s3cret", "Tag Push Hook", "{}"),
                   WebhookResult::kOtherEvent},
        WebhookRow{"gitlab_wrong_token", WebhookForge::kGitLab, FromGitLab("s3cre", "Push Hook", kGitLabPush),
                   WebhookResult::kWrongSecret},
        WebhookRow{"gitlab_longer_token", WebhookForge::kGitLab,
                   FromGitLab("s3crett", "Push Hook", kGitLabPush), WebhookResult::kWrongSecret},
        WebhookRow{"gitlab_empty_token", WebhookForge::kGitLab, FromGitLab("", "Push Hook", kGitLabPush),
                   WebhookResult::kUnsigned},
        WebhookRow{"gitlab_without_event", WebhookForge::kGitLab, FromGitLab("s3cret", "", kGitLabPush),
                   WebhookResult::kMalformed},
        WebhookRow{"gitlab_takes_no_signature", WebhookForge::kGitLab, Signed("push", kPush),
                   WebhookResult::kUnsigned},
        WebhookRow{"github_push", WebhookForge::kGitHub, Signed("push", kPush), WebhookResult::kPush},
        WebhookRow{"github_ping", WebhookForge::kGitHub, Signed("ping", "{}"), WebhookResult::kOtherEvent},
        WebhookRow{"github_takes_no_token", WebhookForge::kGitHub,
                   FromGitLab("s3cret", "Push Hook", kGitLabPush), WebhookResult::kUnsigned},
        WebhookRow{"github_sha1_is_none", WebhookForge::kGitHub,
                   With(Signed("push", kPush), "x-hub-signature-256",
                        "sha1=06747d846c84c235c8994a096680391ebf9c7e3c"),
                   WebhookResult::kWrongSecret},
        WebhookRow{"github_bare_hex", WebhookForge::kGitHub,
                   With(Signed("push", kPush), "x-hub-signature-256", HmacHex("s3cret", kPush)),
                   WebhookResult::kWrongSecret},
        WebhookRow{"github_empty_signature", WebhookForge::kGitHub,
                   With(Signed("push", kPush), "x-hub-signature-256", ""), WebhookResult::kUnsigned},
        WebhookRow{"forgejo_push", WebhookForge::kGitea,
                   WebRequest{.headers = {{"content-type", "application/json; charset=utf-8"},
                                          {"x-forgejo-event", "push"},
                                          {"x-forgejo-signature", HmacHex("s3cret", kPush)}},
                              .body = kPush},
                   WebhookResult::kPush},
        WebhookRow{"one_of_two_signatures_is_wrong", WebhookForge::kGitea,
                   With(Signed("push", kPush), "x-forgejo-signature", HmacHex("other", kPush)),
                   WebhookResult::kWrongSecret},
        WebhookRow{"no_json", WebhookForge::kGitHub, Signed("push", "{\"ref\": "), WebhookResult::kMalformed},
        WebhookRow{"a_list", WebhookForge::kGitHub, Signed("push", "[1]"), WebhookResult::kMalformed},
        WebhookRow{"no_ref", WebhookForge::kGitHub, Signed("push", "{\"a\": {\"ref\": \"refs/heads/main\"}}"),
                   WebhookResult::kMalformed},
        WebhookRow{"ref_is_no_text", WebhookForge::kGitHub, Signed("push", "{\"ref\": {}}"),
                   WebhookResult::kMalformed},
        WebhookRow{"ref_is_no_ref", WebhookForge::kGitHub, Signed("push", "{\"ref\": \"main\"}"),
                   WebhookResult::kMalformed},
        WebhookRow{"xml", WebhookForge::kGitHub, With(Signed("push", kPush), "content-type", "text/xml"),
                   WebhookResult::kMalformed},
        WebhookRow{"form_without_payload", WebhookForge::kGitHub,
                   With(Signed("push", "a=b"), "content-type", "application/x-www-form-urlencoded"),
                   WebhookResult::kMalformed},
        WebhookRow{"deep", WebhookForge::kGitHub,
                   Signed("push", "{\"ref\": \"refs/heads/main\", \"x\": " + std::string(100'000, '[') +
                                      std::string(100'000, ']') + "}"),
                   WebhookResult::kPush}),
    [](const auto& row) { return row.param.name; });

}  // namespace
}  // namespace lockkeeper
