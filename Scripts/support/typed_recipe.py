"""From an API key to the downloaded file, with a generated client: typed calls only, of operations that the contract has.

usage: typed_recipe.py API SOURCE_URL EMAIL PASSWORD FILE     (run by Scripts/generated_client)
"""

import base64
import sys
import time
import urllib.request

from remaster_client import AuthenticatedClient
from remaster_client.api.account import get_account
from remaster_client.api.api_key import create_api_key, deactivate_api_key_by_id, delete_api_key_by_id
from remaster_client.api.project import create_project, get_projects
from remaster_client.api.video import get_derived_videos, get_video_by_id, get_videos
from remaster_client.api.video_in import create_master_video_from_https, get_video_in_status
from remaster_client.api.video_out import generate_video_download_url
from remaster_client.api.video_processing import (
    create_video_processing_appraisal,
    get_video_processing_status,
    start_processing_by_video_id,
)
from remaster_client.api.video_processing_configuration import get_video_processing_configurations
from remaster_client.api.webhook import get_webhooks
from remaster_client.models import (
    ApiKeyPost,
    CreateMasterVideoFromHttps,
    Error,
    ProjectPost,
    VideoProcessingConfigurationOptions,
)

# Seconds that the small clip may take for one step.
PATIENCE = 300


def answered(response, status: int):
    """The typed answer of a call, which must have been this status and nothing the document does not describe."""
    if response.status_code != status or isinstance(response.parsed, Error) or response.parsed is None:
        sys.exit(f"answered {response.status_code} instead of {status}: {response.content.decode()}")
    # What the client read is what the server wrote: no member was lost or changed its type on the way.
    if hasattr(response.parsed, "to_dict") and type(response.parsed).from_dict(response.parsed.to_dict()) != response.parsed:
        sys.exit(f"not read as it was written: {response.content.decode()}")
    return response.parsed


def until_done(ask, state) -> None:
    """Asks until the operation is over."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        status = state(answered(ask(), 200))
        if status == "DONE":
            return
        if status == "FAILED":
            sys.exit("the operation failed")
        time.sleep(0.25)
    sys.exit("the operation took too long")


def main() -> None:
    api, source, email, password, path = sys.argv[1:6]
    token = base64.b64encode(f"{email}:{password}".encode()).decode()
    signed_in = AuthenticatedClient(base_url=api, token=token, prefix="Basic", raise_on_unexpected_status=True)
    key = answered(create_api_key.sync_detailed(client=signed_in, body=ApiKeyPost(name="generated", active=True)), 201)
    print(f"API key {key.api_key_hidden}")

    client = AuthenticatedClient(
        base_url=api, token=key.api_key, prefix="", auth_header_name="X-API-Key", raise_on_unexpected_status=True)
    print(f"team {answered(get_account.sync_detailed(client=client), 200).default_team.name}")
    project = answered(create_project.sync_detailed(client=client, body=ProjectPost(name="Reel 2")), 201)
    print(f"project {project.id}")

    body = CreateMasterVideoFromHttps(name="Reel 2", url=source, project_id=project.id)
    imported = answered(create_master_video_from_https.sync_detailed(client=client, body=body), 202)
    until_done(
        lambda: get_video_in_status.sync_detailed(imported.video_id, client=client),
        lambda status: status.ingestion.ingestion_state.ingestion_status if status.ingestion else "INITIAL")
    video = answered(get_video_by_id.sync_detailed(imported.video_id, client=client), 200)
    print(f"imported {video.id}: {video.ingestion.metadata.frame_width}x{video.ingestion.metadata.frame_height}")

    # Where the contract gives an enumeration no name, generators find different ones.
    options = VideoProcessingConfigurationOptions.from_dict(
        {"container": "MOV", "filters": {"scaler": "SCALE"}, "filterSettings": {"resolution": {"tag": "2X"}}})
    appraisal = answered(create_video_processing_appraisal.sync_detailed(video.id, client=client, body=options), 201)
    print(f"appraised until {appraisal.expires_at}")
    started = answered(
        start_processing_by_video_id.sync_detailed(video.id, client=client, body=options, start_pos_ms=0, end_pos_ms=1000), 202)
    until_done(
        lambda: get_video_processing_status.sync_detailed(started.video_id, client=client),
        lambda status: status.processing_state.processing_status)
    print(f"processed {started.video_id}")

    for list_of in (get_projects, get_videos, get_video_processing_configurations, get_webhooks):
        page = answered(list_of.sync_detailed(client=client), 200)
        print(f"{list_of.__name__.rsplit('.')[-1]}: {page.total_elements}")
    derived = answered(get_derived_videos.sync_detailed(video.id, client=client), 200)
    assert [item.id for item in derived.items] == [started.video_id]

    download = answered(generate_video_download_url.sync_detailed(started.video_id, client=client, duration_minutes=5), 201)
    with urllib.request.urlopen(download.presigned_url) as answer, open(path, "wb") as file:
        written = file.write(answer.read())
    assert written == download.file_size, f"{written} of {download.file_size} bytes"
    answered(deactivate_api_key_by_id.sync_detailed(key.id, client=signed_in), 200)
    assert delete_api_key_by_id.sync_detailed(key.id, client=signed_in).status_code == 204
    print(f"downloaded {download.suggested_file_name}: {written} bytes")


if __name__ == "__main__":
    main()
