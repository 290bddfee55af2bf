#pragma once
// For fuzz targets: stops the program when something that must always hold does not.

#include <cstdio>
#include <cstdlib>

inline void demand(bool holds, const char* what) {
    if (holds) return;
    std::fprintf(stderr, "does not hold: %s\n", what);
    std::abort();
}
