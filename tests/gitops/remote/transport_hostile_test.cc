#include "hostile_server.h"

namespace lockkeeper {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST_F(HostileServer, StatusesSayWhatToDo) {
  struct Row {
    const char* name;
    std::string_view status;
    std::string headers;
    ErrorKind kind;
    std::string_view part;
    std::optional<int> wait;
  };
  const std::string date = "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n";
  for (const Row& row : {
           Row{"unauthorized",
               "401 Unauthorized",
               "WWW-Authenticate: Basic realm=\"x\"\r\n",
               ErrorKind::kDenied,
               "the server asks who we are",
               {}},
           Row{"forbidden", "403 Forbidden", "", ErrorKind::kDenied, "does not let us", {}},
           Row{"not_found",
               "404 Not Found",
               "",
               ErrorKind::kDenied,
               "or the server does not show it to us",
               {}},
           Row{"gone", "410 Gone", "", ErrorKind::kDenied, "no such repository", {}},
           Row{"timeout", "408 Request Timeout", "", ErrorKind::kTransient, "status 408", {}},
           Row{"too_many", "429 Too Many Requests", "Retry-After: 17\r\n", ErrorKind::kTransient, "too many",
               17},
           Row{"busy", "503 Service Unavailable", date + "Retry-After: Sun, 06 Nov 1994 08:50:37 GMT\r\n",
               ErrorKind::kTransient, "trouble", 60},
           Row{"for_long", "503 Service Unavailable", "Retry-After: 99999999999\r\n", ErrorKind::kTransient,
               "trouble", 3600},
           Row{"broken",
               "500 Internal Server Error",
               "Retry-After: soon\r\n",
               ErrorKind::kTransient,
               "trouble",
               {}},
           Row{"teapot", "418 I am a teapot", "", ErrorKind::kDenied, "refuses", {}},
           Row{"nothing", "204 No Content", "", ErrorKind::kTransient, "means nothing here", {}},
       }) {
    SCOPED_TRACE(row.name);
    const std::string body =
        row.status.starts_with("204")
            ? ""
            : "no \x1b[31mway, canary-7f3a-user with " + std::string(kCanary) + " and canary-7f3a-header";
    const HttpScript server(
        Answers(HttpAnswerText(row.status, "text/plain; charset=utf-8", body, row.headers)));
    auto transport = Open(server.url());
    auto outcome = Fetch(*transport);
    EXPECT_FAILS(outcome, row.kind, row.part);
    ExpectSafe(outcome.error());
    if (!body.empty()) {
      EXPECT_THAT(outcome.error().message, HasSubstr("no [31mway, *** with *** and ***"));
    }
    ASSERT_EQ(transport->retry_after().has_value(), row.wait.has_value());
    EXPECT_EQ(transport->retry_after().value_or(std::chrono::seconds(0)).count(), row.wait.value_or(0));
    const auto asked = server.requests();
    ASSERT_EQ(asked.size(), 1U);
    EXPECT_THAT(asked[0], HasSubstr("Authorization: Basic "));
    EXPECT_THAT(asked[0], HasSubstr("X-Token: canary-7f3a-header"));
  }
}

TEST_F(HostileServer, LiesInTheAdvertisementAreSeen) {
  struct Row {
    const char* name;
    std::string type;
    std::string body;
    ErrorKind kind;
    std::string_view part;
  };
  const std::string type(kAdvertised);
  const std::string service = Lines({"# service=git-upload-pack\n", ""});
  const std::string id(kId);
  for (const Row& row : {
           Row{"a_page", "text/html", "<html>canary-7f3a-user log in", ErrorKind::kTransient,
               "of type 'text/html'"},
           Row{"dumb", "text/plain", id + "\trefs/heads/main\n", ErrorKind::kTransient,
               "of type 'text/plain'"},
           Row{"empty", type, "", ErrorKind::kTransient, "cut"},
           Row{"cut", type, Refs(GitService::kUploadPack).substr(0, 70), ErrorKind::kTransient, "cut"},
           Row{"no_lengths", type, "hello world", ErrorKind::kTransient, "the answer is not Git's"},
           Row{"long_line", type, "ffff" + std::string(70000, 'x'), ErrorKind::kTransient,
               "the answer is not Git's"},
           Row{"version_2_marks", type, service + "0001", ErrorKind::kTransient, "the answer is not Git's"},
           Row{"other_service", type, Refs(GitService::kReceivePack), ErrorKind::kTransient,
               "does not begin"},
           Row{"no_abilities", type, service + Lines({id + " refs/heads/main\n", ""}), ErrorKind::kTransient,
               "what the server can do"},
           Row{"no_ref", type, service + Lines({fmt::format("hello refs/heads/main{}x\n", '\0'), ""}),
               ErrorKind::kTransient, "a line is no ref"},
           Row{"more", type, Refs(GitService::kUploadPack) + "0000", ErrorKind::kTransient, "more behind"},
           Row{"sha256", type,
               service + Lines({fmt::format("{} refs/heads/main{}object-format=sha256\n",
                                            std::string(64, 'a'), '\0'),
                                ""}),
               ErrorKind::kInvalid, "SHA-256"},
           Row{"says_no", type, service + Lines({"ERR \x1b[1mgo away canary-7f3a-very-secret\n"}),
               ErrorKind::kDenied, "[1mgo away ***"},
       }) {
    SCOPED_TRACE(row.name);
    const HttpScript server(Answers(HttpAnswerText("200 OK", row.type, row.body)));
    EXPECT_FAILS(FetchFrom(server.url()), row.kind, row.part);
  }
}

TEST_F(HostileServer, AnEndlessAdvertisementEndsAtItsLimit) {
  const ScriptedServer server([](ScriptedServer::Peer& peer) {
    peer.ReadRequest();
    peer.Send(fmt::format("HTTP/1.1 200 OK\r\nContent-Type: {}\r\n\r\n", kAdvertised));
    std::string refs = Refs(GitService::kUploadPack);
    refs.resize(refs.size() - 4);
    if (!peer.Send(refs)) return;
    const std::string more = Lines({fmt::format("{} refs/heads/more-and-more\n", kId)});
    while (peer.Send(more)) {
    }
  });
  RemoteLimits limits = QuickLimits();
  limits.advertisement_bytes_max = 1 << 20;
  EXPECT_FAILS(FetchFrom(server.url(), limits), ErrorKind::kInvalid, "larger than 1048576 bytes");
}

TEST_F(HostileServer, AHeadThatIsNoBranchIsNotFollowed) {
  for (const char* head :
       {"refs/tags/v1", "refs/heads/../../x", "refs/heads/a\x1b[1m", "HEAD", "refs/heads/"}) {
    SCOPED_TRACE(head);
    const std::string body =
        Lines({"# service=git-upload-pack\n", "",
               fmt::format("{} {}{}side-band-64k symref=HEAD:{}\n", kId, head, '\0', head), ""});
    const HttpScript server(Answers(HttpAnswerText("200 OK", kAdvertised, body)));
    auto transport = Open(server.url());
    auto outcome = transport->Fetch({.git_dir = clone()});
    EXPECT_FAILS(outcome, ErrorKind::kNotFound, "which is no branch");
    ExpectSafe(outcome.error());
  }
}

TEST_F(HostileServer, LiesInThePackAreSeen) {
  struct Row {
    const char* name;
    std::string body;
    std::string_view part;
  };
  const auto band = [](char number, std::string_view text) { return fmt::format("{}{}", number, text); };
  const std::string empty_pack =
      std::string("PACK\0\0\0\2\0\0\0\0", 12) +
      "\x02\x9d\x08\x82\x3b\xd8\xa8\xea\xb5\x10\xad\x6a\xc7\x5c\x82\x3c\xfd\x3e\xd3\x1e";
  const std::string huge_pack = std::string("PACK\0\0\0\2\xff\xff\xff\xff", 12) + std::string(100, 'x');
  for (const Row& row : {
           Row{"empty", "", "cut"},
           Row{"nothing_common", Lines({"hello\n"}), "where ACK or NAK must stand"},
           Row{"no_pack", Lines({"NAK\n", ""}), "without sending a pack"},
           Row{"rubbish", Lines({"NAK\n", band(1, "this is no pack at all"), ""}), "cannot be used"},
           Row{"cut_off", Lines({"NAK\n", band(1, empty_pack.substr(0, 20))}), "cut"},
           Row{"too_short", Lines({"NAK\n", band(1, empty_pack.substr(0, 20)), ""}), "cannot be used"},
           Row{"huge_count", Lines({"NAK\n", band(1, huge_pack), ""}), "cannot be used"},
           Row{"another_commit", Lines({"NAK\n", band(1, empty_pack), ""}), "does not hold the commit"},
           Row{"gives_up",
               Lines({"NAK\n", band(2, "working\r"), band(3, "out of canary-7f3a-very-secret\n")}),
               "the server gave up: out of ***"},
           Row{"no_band", Lines({"NAK\n", band(7, "x")}), "a line of no band"},
           Row{"not_our_ref", Lines({"ERR upload-pack: not our ref\n"}), "refuses to send the commit"},
       }) {
    SCOPED_TRACE(row.name);
    const HttpScript server(Answers(HttpAnswerText("200 OK", kAdvertised, Refs(GitService::kUploadPack)),
                                    HttpAnswerText("200 OK", kResult, row.body)));
    EXPECT_FAILS(FetchFrom(server.url()), ErrorKind::kTransient, row.part);
  }
}

TEST_F(HostileServer, SilenceEndsAtItsLimit) {
  RemoteLimits limits = QuickLimits();
  limits.idle_time_max = std::chrono::milliseconds(300);
  const std::string head =
      fmt::format("HTTP/1.1 200 OK\r\nContent-Type: {}\r\nContent-Length: 100\r\n\r\n", kAdvertised);
  for (const std::string_view text : {"", "HTTP/1.1 200 OK\r\nConte", head.c_str()}) {
    SCOPED_TRACE(text);
    const ScriptedServer server([&](ScriptedServer::Peer& peer) {
      peer.ReadRequest();
      peer.Send(text);
      peer.Silent();
    });
    const auto begin = std::chrono::steady_clock::now();
    EXPECT_FAILS(FetchFrom(server.url(), limits), ErrorKind::kTransient, "nothing came or went for 300 ms");
    EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(5));
  }
}

TEST_F(HostileServer, ADripEndsAtTheTotalLimit) {
  RemoteLimits limits = QuickLimits();
  limits.total_time_max = std::chrono::milliseconds(700);
  for (const std::string_view head : {"HTTP/1.1 200 OK\r\nX: ",
                                      "HTTP/1.1 200 OK\r\nContent-Type: "
                                      "application/x-git-upload-pack-advertisement\r\n\r\n"}) {
    SCOPED_TRACE(head);
    const ScriptedServer server([&](ScriptedServer::Peer& peer) {
      peer.ReadRequest();
      peer.Send(head);
      while (peer.Send("a")) {
        if (!peer.Silent(std::chrono::milliseconds(50))) return;
      }
    });
    EXPECT_FAILS(FetchFrom(server.url(), limits), ErrorKind::kTransient, "not done within 700 ms");
  }
}

TEST_F(HostileServer, ATlsServerThatIsSilentEndsAtTheLimitOnConnecting) {
  RemoteLimits limits = QuickLimits();
  limits.connect_time_max = std::chrono::milliseconds(300);
  const ScriptedServer server([](ScriptedServer::Peer& peer) { peer.Silent(); });
  auto transport =
      OpenTransport("https://127.0.0.1:" + std::to_string(server.port()) + "/fleet.git", {}, limits);
  ASSERT_WORKS(transport);
  EXPECT_FAILS(Fetch(**transport), ErrorKind::kTransient, "no connection within 300 ms");
}

TEST_F(HostileServer, CutsAreTransient) {
  for (const std::string_view text :
       {"", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n00", "no http at all\r\n\r\n",
        "\r\n"}) {
    SCOPED_TRACE(text);
    const ScriptedServer server([&](ScriptedServer::Peer& peer) {
      peer.ReadRequest();
      peer.Send(text);
    });
    auto outcome = FetchFrom(server.url());
    ASSERT_FALSE(outcome.has_value());
    EXPECT_EQ(outcome.error().kind, ErrorKind::kTransient) << outcome.error().message;
  }
  std::string gone;
  {
    const ScriptedServer server([](ScriptedServer::Peer&) {});
    gone = server.url();
  }
  EXPECT_FAILS(FetchFrom(gone), ErrorKind::kTransient, "not reached");
}

TEST_F(HostileServer, EndlessHeadersEnd) {
  const ScriptedServer server([](ScriptedServer::Peer& peer) {
    peer.ReadRequest();
    peer.Send("HTTP/1.1 200 OK\r\n");
    while (peer.Send("X-More: and more, and more, and more, and more, and more, and more\r\n")) {
    }
  });
  EXPECT_FAILS(FetchFrom(server.url()), ErrorKind::kTransient, "bytes of headers");
}

}  // namespace
}  // namespace lockkeeper
