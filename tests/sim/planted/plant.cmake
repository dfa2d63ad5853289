# cmake -DSOURCE=... -DTARGET=... -DTEXT=... -DINSTEAD=... [-DTEXT2=... -DINSTEAD2=...] -P plant.cmake
# Copies a source of the product with a fault in it. Fails if the text is not there, so that a planted fault
# never becomes a healthy node unnoticed.
file(READ ${SOURCE} content)
foreach(pair "" 2)
  if("${TEXT${pair}}" STREQUAL "")
    continue()
  endif()
  string(FIND "${content}" "${TEXT${pair}}" place)
  if(place EQUAL -1)
    message(FATAL_ERROR "${SOURCE} does not contain: ${TEXT${pair}}")
  endif()
  string(REPLACE "${TEXT${pair}}" "${INSTEAD${pair}}" content "${content}")
endforeach()
file(WRITE ${TARGET} "${content}")
