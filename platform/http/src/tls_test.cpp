#include <gtest/gtest.h>

#include "platform/http/src/house_for_tests.h"
#include "tests/support/process.h"

namespace nuanshu::http {
namespace {

/// Runs a program to its end and returns what it wrote.
std::string output_of(std::vector<std::string> command) {
    auto process = value_or_throw(support::Process::start(std::move(command)));
    EXPECT_EQ(process.wait_exit(20'000), 0) << process.output();
    return process.output();
}

TEST(Tls, with_a_certificate_only_https_is_spoken_and_the_cookie_is_secure) {
    support::TemporaryDirectory directory;
    const auto key = directory.path() + "/key.pem";
    const auto certificate = directory.path() + "/certificate.pem";
    output_of({"openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", certificate, "-days",
               "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1"});
    House house([&](ServerSettings& settings) {
        settings.tls_certificate = certificate;
        settings.tls_key = key;
    });
    const auto address = fmt::format("https://127.0.0.1:{}", house.port());
    const auto health = output_of(
        {"curl", "--silent", "--show-error", "--max-time", "10", "--cacert", certificate, address + "/healthz"});
    EXPECT_EQ(health, R"({"status":"ok","checks":[{"name":"database","ok":true,"text":""}]})");
    const auto signed_in =
        output_of({"curl", "--silent", "--include", "--max-time", "10", "--cacert", certificate, "--data",
                   R"({"user":"li","password":"correct horse battery"})", address + "/api/v1/session"});
    EXPECT_NE(signed_in.find("; Secure"), std::string::npos) << signed_in;
    const auto unencrypted = fmt::format("http://127.0.0.1:{}/healthz", house.port());
    auto plain = value_or_throw(support::Process::start({"curl", "--silent", "--max-time", "10", unencrypted}));
    EXPECT_NE(plain.wait_exit(20'000), 0);
}

}  // namespace
}  // namespace nuanshu::http
