#include "packager/passphrase.hpp"

#include <cstdlib>
#include <functional>

#include <catch2/catch.hpp>
#include <csignal>
#include <fcntl.h>
#include <pty.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "manifests/error.hpp"
#include "packager/terminal_prompt.hpp"
#include "tests/support/faults.hpp"
#include "tests/support/files.hpp"
#include "tests/support/temp_dir.hpp"

using manifests::Error;
using manifests::Fault;
using packager::Ask;
using packager::passphrase_for;
using packager::SecretText;
using tests::faults_with;
using tests::TempDir;

namespace {

class Variable {
public:
    explicit Variable(const std::string& value) { ::setenv("SEALIFT_PASSPHRASE_FILE", value.c_str(), 1); }
    ~Variable() { ::unsetenv("SEALIFT_PASSPHRASE_FILE"); }
    Variable(const Variable&) = delete;
    Variable& operator=(const Variable&) = delete;
};

std::string first_line_of(const TempDir& folder, const std::string& text) {
    tests::write_file(folder / "passphrase", text);
    return std::string(passphrase_for("x.key", {folder / "passphrase"}, Ask::once).view());
}

struct Talk {
    std::string screen;
    int status;
    bool echo_after;
};

// Runs `work` in a child with a terminal of its own and types an answer whenever a line ends in ": ".
Talk talk(const std::vector<std::string>& answers, const std::function<int()>& work) {
    int terminal = -1;
    const pid_t child = ::forkpty(&terminal, nullptr, nullptr, nullptr);
    REQUIRE(child >= 0);
    if (child == 0) ::_exit(work());
    // Held open so that the settings can be looked at when the child has gone.
    const int other_end = ::open(::ptsname(terminal), O_RDWR | O_NOCTTY);
    Talk result{};
    std::size_t next = 0;
    std::size_t answered = 0;
    ::fcntl(terminal, F_SETFL, O_NONBLOCK);
    int status = 0;
    bool ended = false;
    for (int round = 0; round < 1000; ++round) {
        char buffer[512];
        const ssize_t got = ::read(terminal, buffer, sizeof buffer);
        if (got > 0) result.screen.append(buffer, static_cast<std::size_t>(got));
        if (next < answers.size() && result.screen.size() > answered && result.screen.ends_with(": ")) {
            REQUIRE(::write(terminal, answers[next].data(), answers[next].size()) > 0);
            ++next;
            answered = result.screen.size();
        }
        if (got > 0) continue;
        if (ended) break;
        ended = ::waitpid(child, &status, WNOHANG) == child;
        if (!ended) ::usleep(10'000);
    }
    if (!ended) {
        ::kill(child, SIGKILL);
        ::waitpid(child, &status, 0);
    }
    REQUIRE(ended);
    result.status = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
    struct termios settings {};
    REQUIRE(::tcgetattr(other_end, &settings) == 0);
    result.echo_after = (settings.c_lflag & ECHO) != 0;
    ::close(other_end);
    ::close(terminal);
    return result;
}

// 0: as wanted, 3: an Error of Fault::missing, 1: anything else.
int ask(Ask how, const std::string& wanted) {
    try {
        return passphrase_for("x.key", {}, how).view() == wanted ? 0 : 1;
    } catch (const Error& error) {
        return error.fault() == Fault::missing ? 3 : 1;
    }
}

} // namespace

TEST_CASE("the first line of a file is the passphrase", "[packager][passphrase]") {
    const TempDir folder;
    CHECK(first_line_of(folder, "abc\n") == "abc");
    CHECK(first_line_of(folder, "abc") == "abc");
    CHECK(first_line_of(folder, "abc\ndef\n") == "abc");
    CHECK(first_line_of(folder, " a b \n") == " a b ");
    CHECK(first_line_of(folder, "\u00fc\u20ac\n") == "\u00fc\u20ac");
    CHECK(first_line_of(folder, std::string(1024, 'x') + "\n") == std::string(1024, 'x'));
}

TEST_CASE("a file without a usable passphrase is refused", "[packager][passphrase]") {
    const TempDir folder;
    const std::string text = GENERATE(as<std::string>(), "", "\n", "\nabc\n", "abc\r\n", "a\tb\n",
                                      "a\x1b[A\n", std::string("a\0b\n", 4), std::string(1025, 'x') + "\n");
    CAPTURE(text);
    REQUIRE_THROWS_MATCHES(first_line_of(folder, text), Error, faults_with(Fault::missing));
}

TEST_CASE("the option goes before the environment, the environment before the terminal",
          "[packager][passphrase]") {
    const TempDir folder;
    tests::write_file(folder / "variable", "from the environment\n");
    const Variable variable(folder / "variable");
    CHECK(first_line_of(folder, "from the option\n") == "from the option");
    CHECK(passphrase_for("x.key", {}, Ask::twice).view() == "from the environment");
}

TEST_CASE("a passphrase file that is not there is an error, not a question", "[packager][passphrase]") {
    const TempDir folder;
    REQUIRE_THROWS_MATCHES(passphrase_for("x.key", {folder / "none"}, Ask::once), Error,
                           faults_with(Fault::io));
    const Variable variable(folder / "none");
    REQUIRE_THROWS_MATCHES(passphrase_for("x.key", {}, Ask::once), Error, faults_with(Fault::io));
}

TEST_CASE("a typed passphrase is taken and never shown", "[packager][passphrase]") {
    const Talk result = talk({"open sesame\n"}, [] { return ask(Ask::once, "open sesame"); });
    CHECK(result.status == 0);
    CHECK_THAT(result.screen, Catch::Contains("Passphrase for x.key: ") && !Catch::Contains("sesame"));
    CHECK(result.echo_after);
}

TEST_CASE("a new passphrase is typed twice and must be the same", "[packager][passphrase]") {
    const Talk same = talk({"abc\n", "abc\n"}, [] { return ask(Ask::twice, "abc"); });
    CHECK(same.status == 0);
    CHECK_THAT(same.screen,
               Catch::Contains("New passphrase for x.key: ") && Catch::Contains("The same again: "));
    CHECK(talk({"abc\n", "abd\n"}, [] { return ask(Ask::twice, "abc"); }).status == 3);
    CHECK(talk({"\n"}, [] { return ask(Ask::twice, ""); }).status == 3);
    CHECK(talk({"\x04"}, [] { return ask(Ask::once, ""); }).status == 3); // end of input
}

TEST_CASE("a passphrase that replaces another is typed, whatever the environment names",
          "[packager][passphrase]") {
    const TempDir folder;
    tests::write_file(folder / "old", "the old one\n");
    const Variable variable(folder / "old");
    const auto type_new = [] {
        try {
            return packager::type_passphrase("x.key", Ask::twice).view() == "abc" ? 0 : 1;
        } catch (const Error&) {
            return 3;
        }
    };
    const Talk typed = talk({"abc\n", "abc\n"}, type_new);
    CHECK(typed.status == 0);
    CHECK(typed.echo_after);
    CHECK_THAT(typed.screen, Catch::Contains("New passphrase for x.key: ") && !Catch::Contains("abc"));
    CHECK(talk({"abc\n", "abd\n"}, type_new).status == 3);
    CHECK(talk({"\n", "\n"}, type_new).status == 3);
}

TEST_CASE("an interrupted question leaves the terminal as it was", "[packager][passphrase]") {
    const Talk result = talk({"secret\x03"}, [] { return ask(Ask::once, ""); }); // Ctrl-C
    CHECK(result.status == 128 + SIGINT);
    CHECK(result.echo_after);
    CHECK_THAT(result.screen, !Catch::Contains("secret"));
}

TEST_CASE("without a terminal there is a hint", "[packager][passphrase]") {
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        ::setsid(); // no controlling terminal any more
        int status = 1;
        try {
            passphrase_for("x.key", {}, Ask::twice);
        } catch (const Error& error) {
            status =
                error.fault() == Fault::missing && error.hint().find("--no-passphrase") != std::string::npos
                    ? 0
                    : 2;
        }
        ::_exit(status);
    }
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    CHECK(WIFEXITED(status));
    CHECK(WEXITSTATUS(status) == 0);
}

TEST_CASE("of stdin only the first line is read", "[packager][passphrase]") {
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        int ends[2];
        if (::pipe(ends) != 0 || ::write(ends[1], "abc\nrest", 8) != 8) ::_exit(2);
        ::close(ends[1]);
        ::dup2(ends[0], STDIN_FILENO);
        const SecretText text = passphrase_for("x.key", {"-"}, Ask::once);
        char rest[8];
        ::_exit(text.view() == "abc" && ::read(STDIN_FILENO, rest, sizeof rest) == 4 ? 0 : 1);
    }
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    CHECK(status == 0);
}

TEST_CASE("secret text never grows and compares by content", "[packager][secret_text]") {
    SecretText text(4);
    text.append("abc");
    CHECK(text == SecretText::copy_of("abc"));
    CHECK_FALSE(text == SecretText::copy_of("abd"));
    CHECK_FALSE(text == SecretText::copy_of("ab"));
    REQUIRE_THROWS_MATCHES(text.append("de"), Error, faults_with(Fault::internal));
    CHECK(text.view() == "abc");
    text.clear();
    CHECK(text.view().empty());
    CHECK(SecretText::copy_of("") == SecretText(0));
}
