import CLibAV

/// How a container is called: by us, by a person, by HTTP, by a file name.
struct ContainerName {
    let name: String
    let longName: String
    let mimeType: String
    let fileExtension: String

    init(_ file: borrowing InputFile) {
        let format = file.raw.pointee.iformat.pointee
        let demuxer = text(format.name) ?? "unknown"
        let brand = LibraryDictionary.value("major_brand", in: file.raw.pointee.metadata)
        // One demuxer reads the whole ISO family: the major brand tells QuickTime, which has none before 2001, from MP4.
        let isQuickTime = brand == nil || brand == "qt  "
        longName = text(format.long_name) ?? demuxer
        switch demuxer.split(separator: ",").first.map(String.init) ?? demuxer {
        case "mov" where isQuickTime: (name, mimeType, fileExtension) = ("mov", "video/quicktime", "mov")
        case "mov": (name, mimeType, fileExtension) = ("mp4", "video/mp4", "mp4")
        case "matroska": (name, mimeType, fileExtension) = ("matroska", "video/x-matroska", "mkv")
        case "avi": (name, mimeType, fileExtension) = ("avi", "video/x-msvideo", "avi")
        case "mpegts": (name, mimeType, fileExtension) = ("mpegts", "video/mp2t", "ts")
        case "mpeg": (name, mimeType, fileExtension) = ("mpeg", "video/mpeg", "mpg")
        case "mxf": (name, mimeType, fileExtension) = ("mxf", "application/mxf", "mxf")
        case "flv": (name, mimeType, fileExtension) = ("flv", "video/x-flv", "flv")
        case "asf": (name, mimeType, fileExtension) = ("asf", "video/x-ms-asf", "wmv")
        case "ogg": (name, mimeType, fileExtension) = ("ogg", "video/ogg", "ogv")
        case "dv": (name, mimeType, fileExtension) = ("dv", "video/dv", "dv")
        case let other: (name, mimeType, fileExtension) = (other, "application/octet-stream", other)
        }
    }
}
