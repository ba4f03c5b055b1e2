"""Taking a file off the wire: in memory, and only as much as could be kept.

The limit holds while the bytes come in, before any view or form sees them. What is larger is let through to nowhere, so
that the rest of the form (its token too) is still read and the page can say what was wrong.
"""

import io
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadedfile import InMemoryUploadedFile
from django.core.files.uploadhandler import FileUploadHandler, SkipFile
from django.http import HttpRequest

from harmoniously.core.documents.cleaning import MEGABYTE, MOST_BYTES

# A request of this size is nobody's photo; it is not read at all.
MOST_REQUEST_BYTES = 40 * MEGABYTE


class BoundedUploadHandler(FileUploadHandler):
    """Keeps the files of one request in memory, together at most MOST_BYTES; marks the request that sent more."""

    def __init__(self, request: HttpRequest | None = None) -> None:
        super().__init__(request)
        self.taken = 0
        self.part = io.BytesIO()

    def handle_raw_input(
        self, input_data: Any, META: dict[str, Any], content_length: int, *args: Any, **kwargs: Any
    ) -> None:
        """Refuse a request that is too large before its first byte is read."""
        if content_length > MOST_REQUEST_BYTES:
            raise RequestDataTooBig("The request is larger than any file that is accepted.")

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """A new part begins."""
        super().new_file(*args, **kwargs)
        self.part = io.BytesIO()

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Keep a piece, or stop keeping this file."""
        self.taken += len(raw_data)
        if self.taken > MOST_BYTES:
            self.part = io.BytesIO()
            if self.request is not None:
                self.request.META[TOO_LARGE] = True
            raise SkipFile
        self.part.write(raw_data)

    def file_complete(self, file_size: int) -> Any:
        """The whole part, as Django's form fields expect it."""
        self.part.seek(0)
        return InMemoryUploadedFile(
            file=self.part,
            field_name=self.field_name,
            name=self.file_name,
            content_type=self.content_type,
            size=file_size,
            charset=self.charset,
            content_type_extra=self.content_type_extra,
        )


TOO_LARGE = "harmoniously.upload_too_large"


def was_too_large(request: HttpRequest) -> bool:
    """Whether a file of this request was not kept because of its size. Ask after the form data was read."""
    return request.META.get(TOO_LARGE, False) is True
