#include "platform/http/src/static_files.h"

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "tests/support/process.h"

namespace nuanshu::http {
namespace {

/// A web folder with an index, a hashed asset (packed too), a picture, and a secret beside the folder.
class StaticFiles : public testing::Test {
 protected:
    StaticFiles() {
        put("web/index.html", "<html>");
        put("web/assets/app-1a2b3c4d.js", "run()");
        put("web/assets/app-1a2b3c4d.js.gz", "packed");
        put("web/icon.svg", "<svg>");
        put("web/.env", "key");
        put("secret.txt", "secret");
        std::filesystem::create_symlink(directory_.path() + "/secret.txt", directory_.path() + "/web/link.txt");
    }

    void put(const std::string& name, std::string_view text) {
        const std::filesystem::path path = directory_.path() + "/" + name;
        std::filesystem::create_directories(path.parent_path());
        std::ofstream(path, std::ios::binary) << text;
    }

    Reply ask(const std::string& path, const std::string& accept = "*/*", const std::string& encodings = "",
              const std::string& etag = "") {
        Request request;
        request.method = "GET";
        request.path = path;
        request.accept = accept;
        request.accept_encoding = encodings;
        request.if_none_match = etag;
        return serve_file(directory_.path() + "/web", request);
    }

    static std::string header(const Response& response, std::string_view name) {
        for (const auto& [key, value] : response.headers) {
            if (key == name) {
                return value;
            }
        }
        return "";
    }

    support::TemporaryDirectory directory_;
};

TEST_F(StaticFiles, the_app_and_its_own_routes_get_the_index) {
    for (const auto* path : {"/", "/index.html", "/stations/xc"}) {
        const auto page = ask(path);
        ASSERT_TRUE(page) << path;
        EXPECT_EQ(page->body, "<html>");
        EXPECT_EQ(page->content_type, "text/html; charset=utf-8");
        EXPECT_EQ(header(*page, "Cache-Control"), "no-cache");
    }
    EXPECT_TRUE(ask("/stations/xc.s01.h1", "text/html,*/*"));
    EXPECT_FALSE(ask("/favicon.ico"));
    EXPECT_FALSE(ask("/assets/gone.js", "text/html"));
}

TEST_F(StaticFiles, hashed_assets_may_be_kept_for_ever) {
    const auto script = ask("/assets/app-1a2b3c4d.js");
    ASSERT_TRUE(script);
    EXPECT_EQ(script->body, "run()");
    EXPECT_EQ(script->content_type, "text/javascript; charset=utf-8");
    EXPECT_EQ(header(*script, "Cache-Control"), "public, max-age=31536000, immutable");
}

TEST_F(StaticFiles, the_packed_file_goes_to_whoever_takes_it) {
    const auto script = ask("/assets/app-1a2b3c4d.js", "*/*", "gzip, deflate, br");
    ASSERT_TRUE(script);
    EXPECT_EQ(script->body, "packed");
    EXPECT_EQ(header(*script, "Content-Encoding"), "gzip");
    EXPECT_EQ(script->content_type, "text/javascript; charset=utf-8");
    EXPECT_EQ(header(*ask("/icon.svg", "*/*", "gzip"), "Content-Encoding"), "");
}

TEST_F(StaticFiles, an_unchanged_file_is_not_sent_again) {
    const auto tag = header(*ask("/icon.svg"), "ETag");
    ASSERT_FALSE(tag.empty());
    const auto again = ask("/icon.svg", "*/*", "", tag);
    EXPECT_EQ(again->status, 304);
    EXPECT_EQ(again->body, "");
    put("icon.svg", "<svg> other");
    put("web/icon.svg", "<svg> other");
    EXPECT_EQ(ask("/icon.svg", "*/*", "", tag)->status, 200);
}

TEST_F(StaticFiles, nothing_outside_the_folder_can_be_had) {
    for (const auto* path : {"/../secret.txt", "/%2e%2e/secret.txt", "/..%2fsecret.txt", "/assets/../../secret.txt",
                             "//secret.txt", "/.env", "/link.txt", "/a%00b", "/assets/..%5c..%5csecret.txt"}) {
        const auto got = ask(path, "*/*");
        EXPECT_TRUE(!got || got->body == "<html>") << path;
    }
    EXPECT_FALSE(ask("/link.txt"));
    EXPECT_FALSE(ask("/.env"));
}

TEST_F(StaticFiles, a_long_file_comes_in_pieces) {
    const std::string big(3 << 20, 'x');
    put("web/map.pbf", big);
    const auto file = ask("/map.pbf");
    ASSERT_TRUE(file);
    ASSERT_TRUE(file->next_chunk);
    std::string all;
    std::size_t longest = 0;
    for (bool more = true; more;) {
        std::string piece;
        more = value_or_throw(file->next_chunk(piece));
        longest = std::max(longest, piece.size());
        all += piece;
    }
    EXPECT_EQ(all, big);
    EXPECT_LT(longest, 1U << 20);
}

TEST_F(StaticFiles, without_built_pages_it_says_so) {
    Request request;
    request.path = "/";
    const auto none = serve_file("", request);
    ASSERT_FALSE(none);
    EXPECT_NE(none.error().error.what.find("not built"), std::string::npos);
}

}  // namespace
}  // namespace nuanshu::http
