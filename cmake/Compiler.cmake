set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS ON)
set(CMAKE_CXX_SCAN_FOR_MODULES OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)

# Dev: fast to build, good to step through, quick enough for the interop suite.
set(PRECONF_DEV_FLAGS "-O1 -g1" CACHE STRING "Optimisation and debug information of the Dev build type")
set(CMAKE_CXX_FLAGS_DEV "${PRECONF_DEV_FLAGS}")
set(CMAKE_C_FLAGS_DEV "${PRECONF_DEV_FLAGS}")
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -DNDEBUG")
set(CMAKE_C_FLAGS_RELEASE "-O2 -DNDEBUG")

add_library(preconf_flags INTERFACE)
target_compile_options(preconf_flags INTERFACE
  -Wall -Wextra -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual -Wcast-qual
  -Wno-missing-field-initializers -fno-omit-frame-pointer
  -ffunction-sections -fdata-sections
  $<$<BOOL:${PRECONF_WERROR}>:-Werror>
  # g++ 12 reports restrict violations inside std::string concatenation that are not there.
  $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict>)
target_link_options(preconf_flags INTERFACE -Wl,--gc-sections -Wl,--as-needed)
if(PRECONF_SANITIZE)
  target_compile_options(preconf_flags INTERFACE -fsanitize=${PRECONF_SANITIZE} -fno-sanitize-recover=all)
  target_link_options(preconf_flags INTERFACE -fsanitize=${PRECONF_SANITIZE})
endif()
if(PRECONF_FUZZ)
  target_compile_options(preconf_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()

# mold and lld halve the link time of the many test programs; the result is the same.
find_program(PRECONF_MOLD mold)
if(PRECONF_MOLD AND CMAKE_BUILD_TYPE STREQUAL "Dev")
  add_link_options(-fuse-ld=mold)
endif()
find_program(PRECONF_CCACHE ccache)
if(PRECONF_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${PRECONF_CCACHE})
endif()
