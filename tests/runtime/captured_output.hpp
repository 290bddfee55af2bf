#pragma once
// What a piece of code writes to stdout or stderr, taken at the descriptor, below every library.

#include <cstdio>
#include <iostream>
#include <string>

#include <unistd.h>

class CapturedOutput {
public:
    explicit CapturedOutput(int number) : number_(number), kept_(::dup(number)), file_(std::tmpfile()) {
        std::cout.flush();
        ::dup2(::fileno(file_), number_);
    }
    CapturedOutput(const CapturedOutput&) = delete;
    CapturedOutput& operator=(const CapturedOutput&) = delete;
    ~CapturedOutput() {
        put_back();
        std::fclose(file_);
    }
    std::string text() {
        put_back();
        std::string all;
        char buffer[4096];
        std::rewind(file_);
        for (std::size_t got = 0; (got = std::fread(buffer, 1, sizeof buffer, file_)) > 0;)
            all.append(buffer, got);
        return all;
    }

private:
    void put_back() {
        if (kept_ < 0) return;
        ::dup2(kept_, number_);
        ::close(kept_);
        kept_ = -1;
    }
    int number_;
    int kept_;
    std::FILE* file_;
};
