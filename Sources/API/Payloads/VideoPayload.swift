import Domain
import FoundationEssentials
import Postgres
import Primitives
import Store

extension VideoRecord {
    /// The contract's `Video`.
    var payload: JSON {
        .members([
            "id": id.json, "createdAt": .timestamp(createdAt), "updatedAt": .timestamp(updatedAt), "userId": user.json,
            "name": .string(name), "description": description.map { .string($0) }, "teamId": team.json,
            "upload": upload.map { $0.payload(file: filePayload) }, "ingestion": ingestionPayload,
            "processing": processing?.payload(source: source), "projectId": project.json, "masterVideo": master.payload,
            "processingJobAppraisal": appraisal?.json, "flags": flags, "clipId": clip?.json,
            "output": output?.payload,
        ])
    }

    /// The contract's `VideoInStatus`; nil for a video that was never imported.
    var importStatus: JSON? {
        guard let upload else { return nil }
        return .members([
            "videoId": id.json, "upload": upload.payload(file: filePayload), "ingestion": ingestionPayload,
        ])
    }

    /// The contract's `VideoProcessingStatus`; nil for a video that was not processed.
    var processingStatus: JSON? {
        guard let processing else { return nil }
        return .members(["videoId": id.json, "processingState": processing.state])
    }

    /// The contract's `VideoOutStatus`; nil when no export was ever started.
    var outputStatus: JSON? {
        guard let output else { return nil }
        return .members(["videoId": id.json, "output": output.payload])
    }

    /// The contract's `VideoFile`: as stored, or as announced while it is on its way.
    private var filePayload: JSON? { file?.payload ?? announcedFile?.payload(since: createdAt) }

    /// The contract's `VideoIngestion`: not begun while the file is on its way, nil where there is none to come.
    private var ingestionPayload: JSON? {
        if let ingestion { return ingestion.payload }
        return upload == nil || upload?.status == .failed ? nil : IngestionState.notBegun
    }

    /// The contract's `VideoFlags`, all seven.
    private var flags: JSON {
        .members([
            "isMaster": .boolean(kind == .master),
            "isProcessing": .boolean(processing.map { $0.status == .initial || $0.status == .inProgress } ?? false),
            "isProcessed": .boolean(processing?.status == .done), "isIngesting": .boolean(ingestion?.status == .inProgress),
            "isIngested": .boolean(ingestion?.status == .done), "isClip": .boolean(kind == .clip), "isSample": .boolean(isSample),
        ])
    }
}

extension StoredFile {
    /// The contract's `VideoFile`.
    var payload: JSON {
        .members([
            "name": .string(name), "size": .integer(size), "type": .string(mimeType),
            "containerName": .string(containerName.isEmpty ? ContainerName.guessed(fileName: name) : containerName),
            "lastModified": .timestamp(lastModified),
        ])
    }
}

extension AnnouncedFile {
    /// The contract's `VideoFile`, whose members are all required: what nobody knows yet is 0 or taken from the name.
    func payload(since date: Date) -> JSON {
        .members([
            "name": .string(name), "size": .integer(size ?? 0), "type": .string(mimeType ?? "application/octet-stream"),
            "containerName": .string(ContainerName.guessed(fileName: name)), "lastModified": .timestamp(date),
        ])
    }
}

/// Names of containers for files that nobody has looked into yet.
private enum ContainerName {
    static func guessed(fileName: String) -> String {
        switch fileName.split(separator: ".").last?.lowercased() {
        case "mov", "qt": "QuickTime"
        case "mp4", "m4v": "MPEG-4"
        case "mkv": "Matroska"
        case "webm": "WebM"
        case "mxf": "MXF"
        case "ts", "m2ts", "mts": "MPEG-TS"
        case "avi": "AVI"
        default: "unknown"
        }
    }
}

extension VideoRecord.MasterRecord {
    /// The contract's `MasterVideo`; nil while nothing is known of the master's file.
    var payload: JSON? {
        let file = file?.payload ?? announcedFile?.payload(since: createdAt)
        return file.map {
            .members(["id": id.json, "createdAt": .timestamp(createdAt), "updatedAt": .timestamp(updatedAt), "videoFile": $0])
        }
    }
}

extension UploadState {
    /// The contract's `VideoUpload`.
    func payload(file: JSON?) -> JSON {
        .members([
            "file": file,
            "uploadState": .members([
                "updatedAt": .timestamp(updatedAt), "uploadStatus": .string(status.rawValue),
                "progressPercentage": .integer(Int64(progress)), "error": error?.payload,
            ]),
        ])
    }
}

extension UnitFailure {
    /// The contract's `VideoUploadState_error`, which failed ingestions and processings carry as well.
    fileprivate var payload: JSON {
        .members(["code": .string(code), "message": .string(message), "details": details?.json])
    }
}

extension IngestionState {
    /// The contract's `VideoIngestion` before it has a time.
    fileprivate static var notBegun: JSON {
        .members([
            "ingestionState": .members([
                "ingestionStatus": .string(OperationStatus.initial.rawValue), "webVideoAvailable": .boolean(false),
                "thumbnailsAvailable": .boolean(false), "fullFramesAvailable": .boolean(false), "videoMetadataAvailable": .boolean(false),
                "progressPercentage": .integer(0),
            ]), "metadata": .members([:]), "qualityAssessment": .members([:]),
        ])
    }

    /// The contract's `VideoIngestion`; metadata and quality are empty objects while nothing is known.
    var payload: JSON {
        .members([
            "ingestionState": .members([
                "updatedAt": .timestamp(updatedAt), "etaSeconds": etaSeconds.map { .integer(Int64($0)) },
                "ingestionStatus": .string(status.rawValue), "webVideoAvailable": .boolean(hasWebVideo),
                "thumbnailsAvailable": .boolean(hasThumbnails), "fullFramesAvailable": .boolean(hasFullFrames),
                "videoMetadataAvailable": .boolean(metadata != nil), "progressPercentage": .integer(Int64(progress)),
                "error": error?.payload,
            ]),
            "metadata": metadata?.json ?? .members([:]),
            "qualityAssessment": quality?.json ?? .members([:]),
        ])
    }
}

extension ProcessingState {
    /// The contract's `VideoProcessing`.
    func payload(source: ID<Video>?) -> JSON {
        .members([
            "processingState": state,
            "sourceVideo": SourcePart(video: source, startMs: startMs, endMs: endMs).payload,
            "options": options.json,
        ])
    }

    /// The contract's `VideoProcessingState`.
    var state: JSON {
        .members([
            "updatedAt": .timestamp(updatedAt), "etaSeconds": etaSeconds.map { .integer(Int64($0)) },
            "processingStatus": .string(status.rawValue), "progressPercentage": .integer(Int64(progress)),
            "error": error?.payload,
        ])
    }
}

extension OutputState {
    /// The contract's `VideoOutput`.
    var payload: JSON {
        .members([
            "state": .members([
                "updatedAt": .timestamp(updatedAt), "status": .string(status.rawValue),
                "progressPercentage": .integer(Int64(progress)), "errorMessage": errorMessage.map { .string($0) },
            ])
        ])
    }
}
