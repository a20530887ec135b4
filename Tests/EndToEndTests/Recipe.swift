import Foundation

/// The headline recipe at a size that a CPU device finishes in seconds.
enum Recipe {
    static func options(width: Int = 640, height: Int = 360) -> [String: Any] {
        [
            "encodingConfiguration": ["codec": "HEVC", "pixelFormat": ["yuv": "4:2:0", "bitDepth": 10]],
            "container": "MOV",
            "filters": ["scaler": "DVRES2"],
            "filterSettings": ["dvres2Variant": "FINE_TUNING", "resolution": ["width": width, "height": height]],
            "processingSettings": [
                "inputColorSpaceConversion": ["mappingMode": "SOURCE_PRIORITY", "metadataOnly": true],
                "outputColorSpaceConversion": [
                    "mappingMode": "STRICT_USER",
                    "colorProfile": [
                        "colorSpace": "BT2020NC", "colorPrimaries": "BT2020", "transferCharacteristics": "SMPTE2084",
                        "colorRange": "LIMITED", "hdrFormat": "HDR10",
                        "masteringDisplay": ["tag": "P3_D65", "minLuminance": 0.005, "maxLuminance": 800],
                        "maxCll": 800, "maxFall": 200,
                    ],
                    "inverseToneMapper": ["algorithm": "INFINITEHDR", "saturationBoost": 1.25],
                ],
            ],
        ]
    }

    static func json(_ value: Any) throws -> String {
        String(decoding: try JSONSerialization.data(withJSONObject: value, options: [.sortedKeys]), as: UTF8.self)
    }
}
