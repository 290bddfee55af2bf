// The one place where Catch is compiled.
#define CATCH_CONFIG_MAIN
#include <catch2/catch.hpp>
