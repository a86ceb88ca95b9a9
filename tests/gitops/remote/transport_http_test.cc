#include "transport_test_cases.h"

namespace lockkeeper {
namespace {

/// Against a real apache2 with git-http-backend.
class HttpTransport : public RemoteCase {
 protected:
  void Serve(const std::vector<std::string>& options = {}) {
    server_ = std::make_unique<ServedRemote>(ServedRemote::Kind::kHttp, root(), options);
  }
  std::unique_ptr<RemoteTransport> Open(const RemoteAccess& access = {},
                                        const std::string& path = "/fleet.git") const {
    auto transport = OpenTransport((*server_)["url"] + path, access, QuickLimits());
    EXPECT_TRUE(transport.has_value()) << transport.error().message;
    return std::move(*transport);
  }
  int Asked(std::string_view what) const {
    std::ifstream log((*server_)["access_log"]);
    int count = 0;
    for (std::string line; std::getline(log, line);) count += line.contains(what) ? 1 : 0;
    return count;
  }

  std::unique_ptr<ServedRemote> server_;
};

#define SERVE_OR_SKIP(...)                                              \
  do {                                                                  \
    Serve(__VA_ARGS__);                                                 \
    if (server_->missing()) GTEST_SKIP() << "apache2 is not installed"; \
  } while (false)

TEST_F(HttpTransport, FetchesAndFollowsWhatIsNew) {
  const std::string first = Commit("one");
  SERVE_OR_SKIP();
  auto transport = Open();
  auto outcome = Fetch(*transport);
  ASSERT_WORKS(outcome);
  EXPECT_EQ(outcome->branch, "main");
  EXPECT_EQ(outcome->commit, first);
  ExpectWhole(first);
  const std::string second = Commit("two");
  outcome = Fetch(*transport, first);
  ASSERT_WORKS(outcome);
  EXPECT_EQ(outcome->commit, second);
  ExpectWhole(second);
  EXPECT_EQ(RunGit(clone(), {"for-each-ref"}), "");
}

TEST_F(HttpTransport, PushesWithALease) {
  const std::string first = Commit("one");
  SERVE_OR_SKIP();
  auto transport = Open();
  ASSERT_WORKS(Fetch(*transport));
  const PushRequest push = NewCommit(first, "two");
  ASSERT_WORKS(transport->Push(push));
  EXPECT_EQ(Tip(), push.new_id);
  EXPECT_EQ(RunGit(fleet(), {"show", "main:file"}), "two");
  EXPECT_FAILS(transport->Push(push), ErrorKind::kConflict, "is at " + push.new_id);
}

}  // namespace
}  // namespace lockkeeper
