"""Pictures of the catalogue: smaller forms of them, and uploads by signed URLs."""

from typing import Final

from gateway.composed.media import picture_answer
from gateway.contracts.query_models import Parameters
from gateway.contracts.rpc import rpc
from gateway.endpoints.access import PUBLIC, staff
from gateway.endpoints.endpoint import WHOLE, Endpoint
from gateway.operations.uploads import SECONDS, upload
from sojourn.catalog.v1.media_pb2_grpc import MediaAdminServiceServicer, MediaServiceServicer

_CATALOG: Final = staff("catalog.write")
ENDPOINTS: Final = (
    Endpoint(
        method="GET",
        path="/v1/media/{id}",
        rpc=rpc(MediaServiceServicer.ReadMedia),
        callers=PUBLIC,
        touchpoint=None,
        compose=picture_answer,
        answer_media="application/octet-stream",
        sends_token=False,
        deadline_seconds=SECONDS,
        text="The bytes of a picture, with the type that it has. `width` (160, 320, 480, 640, 960, "
        "1280, 1920, 2560) and `format` give smaller forms, each of which is made once; none is "
        "larger than the picture.",
    ),
    upload(
        "/v1/media/uploads/{token}",
        rpc(MediaServiceServicer.UploadMedia),
        PUBLIC,
        sends_token=False,
        text="Sends the picture of a signed upload as it is: PNG, JPEG, WebP, GIF or AVIF, up to "
        "8 MiB and 40 megapixels. Its content decides what it is.",
        example="the bytes of a picture",
    ),
    Endpoint(
        method="POST",
        path="/v1/staff/media-uploads",
        rpc=rpc(MediaAdminServiceServicer.CreateMediaUpload),
        callers=_CATALOG,
        touchpoint=None,
        body=WHOLE,
        status=201,
        example={"name": "teapot.jpg"},
        text="Makes a signed URL, good for 15 minutes, to which a browser can PUT one picture "
        "without a token.",
    ),
    Endpoint(
        method="POST",
        path="/v1/staff/media",
        rpc=rpc(MediaAdminServiceServicer.FetchMedia),
        callers=_CATALOG,
        touchpoint=None,
        body=WHOLE,
        status=201,
        deadline_seconds=SECONDS,
        example={"url": "https://cdn.supplier.example/teapot.jpg", "name": "teapot.jpg"},
        text="Fetches a picture of another site. Addresses inside the network are refused, also "
        "behind names and redirects.",
    ),
    Endpoint(
        method="GET",
        path="/v1/staff/media",
        rpc=rpc(MediaAdminServiceServicer.ListMedia),
        callers=_CATALOG,
        touchpoint=None,
        query=Parameters(defaults={"page_size": 50}),
        text="Pictures, newest first.",
    ),
    Endpoint(
        method="GET",
        path="/v1/staff/media/{id}",
        rpc=rpc(MediaAdminServiceServicer.GetMedia),
        callers=_CATALOG,
        touchpoint=None,
        text="A picture: its type, size and widths.",
    ),
    Endpoint(
        method="DELETE",
        path="/v1/staff/media/{id}",
        rpc=rpc(MediaAdminServiceServicer.DeleteMedia),
        callers=_CATALOG,
        touchpoint=None,
        status=204,
        text="Deletes a picture and its smaller forms. Products that show it keep its URL.",
    ),
)
