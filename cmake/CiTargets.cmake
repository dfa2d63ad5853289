# Longer checks, each a target of its own: they take minutes to hours, so no default build runs them.
#   ci-tidy    clang-tidy over every source
#   ci-chroot  quickstart.sh and test.sh in fresh minimal Debian 12 and 13 chroots (root, debootstrap)
#   ci-fuzz    every fuzz target for a while, with libFuzzer
#   ci-sim-sweep  10,000 seeds of simulated networks of 100 nodes, then 100 with the real primitives
#   ci-bench   two short rounds of every race
add_custom_target(ci-tidy
  COMMAND ${CMAKE_COMMAND} --preset tidy
  COMMAND ${CMAKE_COMMAND} --build --preset tidy
  WORKING_DIRECTORY ${CMAKE_SOURCE_DIR} USES_TERMINAL VERBATIM)
add_custom_target(ci-chroot
  COMMAND packaging/chroot.sh
  WORKING_DIRECTORY ${CMAKE_SOURCE_DIR} USES_TERMINAL VERBATIM)
add_custom_target(ci-fuzz
  COMMAND packaging/fuzz.sh
  WORKING_DIRECTORY ${CMAKE_SOURCE_DIR} USES_TERMINAL VERBATIM)
add_custom_target(ci-bench
  COMMAND bench/races.sh --quick
  WORKING_DIRECTORY ${CMAKE_SOURCE_DIR} USES_TERMINAL VERBATIM)

add_custom_target(ci-sim-sweep
  COMMAND packaging/sim-sweep.sh
  WORKING_DIRECTORY ${CMAKE_SOURCE_DIR} USES_TERMINAL VERBATIM)

# What the sanitizer build runs: unit tests and corpus replays, not the programs that drive other processes.
if(PRECONF_TESTS OR PRECONF_FUZZ_REPLAY)
  get_property(test_targets DIRECTORY ${CMAKE_SOURCE_DIR}/tests PROPERTY BUILDSYSTEM_TARGETS)
  list(FILTER test_targets INCLUDE REGEX "^(unit|fuzz)_")
  if(TARGET include_order)  # in a folder of its own
    list(APPEND test_targets include_order)
  endif()
  add_custom_target(asan_tests DEPENDS ${test_targets})
endif()
