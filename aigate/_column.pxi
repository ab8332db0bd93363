# Many texts at a time, in Apache Arrow's layout. A part of _masker.pyx, which includes it.

@cython.final
cdef class Texts:
    cdef unique_ptr[CppColumn] column

    def __getbuffer__(self, Py_buffer* view, int flags):
        cdef size_t size = at(self.column).text().size()
        cdef const char* begin = at(self.column).text().data()
        if size == 0:
            begin = NOTHING  # never NULL, which some refuse
        PyBuffer_FillInfo(view, self, <void*> begin, size, 1, flags)


cdef tuple _masked_column(Masker masker, Py_buffer* text, Py_buffer* places, size_t first, count, int width):
    """Mask a column. Whatever the offsets say, nothing outside of the text is read."""
    cdef size_t many, index, given
    cdef const char* data = <const char*> text.buf
    if width != 4 and width != 8:
        raise ValueError("offsets have 4 or 8 bytes")
    given = <size_t> places.len // <size_t> width
    if first >= given:
        raise ValueError("there are fewer offsets than that")
    many = given - first - 1 if count is None else count
    if many > given - first - 1:
        raise ValueError("there are fewer offsets than that")
    cdef const int32_t* narrow = (<const int32_t*> places.buf) + first if width == 4 else NULL
    cdef const int64_t* wide = (<const int64_t*> places.buf) + first if width == 8 else NULL
    cdef int64_t before, now
    cdef Texts texts = Texts.__new__(Texts)
    texts.column = make_unique[CppColumn](masker.rules, masker.max_line)
    cdef CppColumn* column = texts.column.get()
    cdef bint good
    with nogil:
        before = narrow[0] if narrow != NULL else wide[0]
        good = before >= 0
        for index in range(many):
            now = narrow[index + 1] if narrow != NULL else wide[index + 1]
            good = good and now >= before
            before = now
        good = good and before <= text.len
        if good and narrow != NULL:
            column.run[int32_t](data, narrow, many)
        elif good:
            column.run[int64_t](data, wide, many)
    if not good:
        raise ValueError("offsets must not go back, nor lead out of the data")
    counts = _named(masker.names, column.counts())
    if not column.changed():
        return None, counts
    cdef size_t size = column.text().size()
    if width == 4 and size > 0x7fffffff:
        raise OverflowError("the masked texts are too long for offsets of 4 bytes")
    cdef bytes made = PyBytes_FromStringAndSize(NULL, (many + 1) * width)
    cdef char* out = PyBytes_AS_STRING(made)
    with nogil:
        for index in range(many + 1):
            now = 0 if index == 0 else column.ends()[index - 1]
            if width == 4:
                (<int32_t*> out)[index] = <int32_t> now
            else:
                (<int64_t*> out)[index] = now
    return (texts, made), counts
