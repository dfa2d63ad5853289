# The library test_process: what tests/interop and tests/program need to drive other processes.
if(NOT TARGET test_process)
  find_package(Threads REQUIRED)
  file(GLOB process_sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/tests/process/*.cpp)
  add_library(test_process STATIC ${process_sources})
  target_link_libraries(test_process PUBLIC test_support Threads::Threads)
  target_compile_definitions(test_process PUBLIC PRECONF_PROGRAM="${CMAKE_BINARY_DIR}/preconfd")
endif()
