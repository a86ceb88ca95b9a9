#include <atomic>

#include "hostile_server.h"

namespace lockkeeper {
namespace {

using ::testing::HasSubstr;

TEST_F(HostileServer, ReportsOnAPushAreReadStrictly) {
  struct Row {
    const char* name;
    std::string report;
    std::optional<ErrorKind> kind;
    std::string_view part;
  };
  const std::string said = "remote: error: GH006: Protected branch update failed for refs/heads/main.\n";
  for (const Row& row : {
           Row{"moved", Lines({"unpack ok\n", "ok refs/heads/main\n", ""}), {}, ""},
           Row{"no_status", Lines({"unpack ok\n", ""}), ErrorKind::kTransient,
               "it does not speak of refs/heads/main"},
           Row{"another_ref", Lines({"unpack ok\n", "ok refs/heads/other\n", ""}), ErrorKind::kTransient,
               "another ref"},
           Row{"twice", Lines({"unpack ok\n", "ok refs/heads/main\n", "ng refs/heads/main no\n", ""}),
               ErrorKind::kTransient, "twice"},
           Row{"cut_off", Lines({"unpack ok\n", "ok refs/heads/main\n"}), ErrorKind::kTransient,
               "may have moved or not"},
           Row{"nothing", "", ErrorKind::kTransient, "may have moved or not"},
           Row{"no_unpack", Lines({"ok refs/heads/main\n", ""}), ErrorKind::kTransient,
               "does not begin with 'unpack'"},
           Row{"unpack_fails",
               Lines({"unpack index-pack abnormal exit\n", "ng refs/heads/main unpacker error\n", ""}),
               ErrorKind::kTransient, "could not take the pack: index-pack abnormal exit"},
           Row{"unpack_fails_and_moved", Lines({"unpack no\n", "ok refs/heads/main\n", ""}),
               ErrorKind::kTransient, "the pack was refused and the ref moved"},
           Row{"rubbish", "hello", ErrorKind::kTransient, "makes no sense"},
           Row{"stale", Lines({"unpack ok\n", "ng refs/heads/main stale info\n", ""}), ErrorKind::kConflict,
               "stale info"},
           Row{"fetch_first", Lines({"unpack ok\n", "ng refs/heads/main fetch first\n", ""}),
               ErrorKind::kConflict, "fetch first"},
           Row{"github_race",
               Lines({"unpack ok\n",
                      "ng refs/heads/main cannot lock ref 'refs/heads/main': is at 2 but expected 1\n", ""}),
               ErrorKind::kConflict, "but expected"},
           Row{"github_protected",
               Lines({"unpack ok\n", "ng refs/heads/main protected branch hook declined\n", ""}),
               ErrorKind::kDenied, "GH006: Protected branch update failed"},
           Row{"gitea", Lines({"unpack ok\n", "ng refs/heads/main pre-receive hook declined\n", ""}),
               ErrorKind::kDenied, "pre-receive hook declined"},
           Row{"silent_refusal", Lines({"unpack ok\n", "ng refs/heads/main\n", ""}), ErrorKind::kDenied,
               "no reason"},
       }) {
    for (const bool banded : {true, false}) {
      SCOPED_TRACE(fmt::format("{} {}", row.name, banded));
      std::string body = row.report;
      if (banded && !row.report.empty()) {
        body = Lines({"\x02" + said});
        // In pieces that do not keep to the lines.
        for (size_t i = 0; i < row.report.size(); i += 7)
          AppendPktLine(body, "\x01" + row.report.substr(i, 7));
        body += kFlush;
      }
      const HttpScript server(Answers(
          HttpAnswerText(
              "200 OK", "application/x-git-receive-pack-advertisement",
              Refs(GitService::kReceivePack, banded ? "report-status side-band-64k" : "report-status")),
          HttpAnswerText("200 OK", "application/x-git-receive-pack-result", body)));
      auto transport = Open(server.url());
      const PushRequest push{.ref = "refs/heads/main",
                             .old_id = std::string(kId),
                             .new_id = std::string(40, '2'),
                             .pack_path = AnyPack()};
      auto pushed = transport->Push(push);
      ASSERT_EQ(pushed.has_value(), !row.kind.has_value());
      if (pushed) continue;
      ExpectSafe(pushed.error());
      EXPECT_EQ(pushed.error().kind, *row.kind) << pushed.error().message;
      // What people are told comes in a band.
      if (banded || !row.part.starts_with("GH006")) {
        EXPECT_THAT(pushed.error().message, HasSubstr(row.part));
      }
    }
  }
}

TEST_F(HostileServer, AnAnswerThatDoesNotComeLeavesItOpen) {
  for (const bool cut : {false, true}) {
    SCOPED_TRACE(cut);
    std::atomic<int> pushes = 0;
    const ScriptedServer server([&](ScriptedServer::Peer& peer) {
      if (peer.ReadRequest().empty()) return;
      peer.Send(HttpAnswerText("200 OK", "application/x-git-receive-pack-advertisement",
                               Refs(GitService::kReceivePack)));
      const std::string command = peer.ReadRequest();
      EXPECT_THAT(command, HasSubstr(fmt::format("{} {} refs/heads/main", kId, std::string(40, '2'))));
      EXPECT_THAT(command, HasSubstr(" report-status side-band-64k atomic"));
      EXPECT_THAT(command, HasSubstr("0000PACK"));
      ++pushes;
      if (!cut) peer.Silent();
    });
    RemoteLimits limits = QuickLimits();
    limits.idle_time_max = std::chrono::milliseconds(300);
    auto transport = Open(server.url(), limits);
    auto pushed = transport->Push({.ref = "refs/heads/main",
                                   .old_id = std::string(kId),
                                   .new_id = std::string(40, '2'),
                                   .pack_path = AnyPack()});
    EXPECT_FAILS(pushed, ErrorKind::kTransient, cut ? "cut" : "nothing came or went for 300 ms");
    ExpectSafe(pushed.error());
    // It is not sent again behind our back.
    EXPECT_EQ(pushes, 1);
  }
}

TEST_F(HostileServer, AServerThatDoesNotReportGetsNoPush) {
  const HttpScript server(Answers(HttpAnswerText("200 OK", "application/x-git-receive-pack-advertisement",
                                                 Refs(GitService::kReceivePack, "side-band-64k"))));
  auto transport = Open(server.url());
  EXPECT_FAILS(transport->Push({.ref = "refs/heads/main",
                                .old_id = std::string(kId),
                                .new_id = std::string(40, '2'),
                                .pack_path = AnyPack()}),
               ErrorKind::kInvalid, "does not report");
  EXPECT_FAILS(transport->Push({.ref = "refs/heads/main", .old_id = std::string(kId)}), ErrorKind::kInvalid,
               "");
  EXPECT_EQ(server.requests().size(), 2U);
}

}  // namespace
}  // namespace lockkeeper
