import Networks

extension FilterModels {
    /// The networks embedded in the program, by their metadata: `filter` DVRES2 with `variant`, `scale` and `size`,
    /// and `filter` DVRES2_CHROMA, INFINITEHDR, INFINITEHDR_HIGHLIGHTS, INFINITEHDR_LOCAL, DEINT, DENOISE or DEJIT.
    ///
    /// - Throws: `network` for a damaged file, `unsuitableModel` for one whose metadata does not say what it is.
    package static func bundled() throws(FilterError) -> FilterModels {
        var scaling: [Scaling] = []
        var chroma: ChromaGuide?
        var infiniteHDR: ModelIdentity?
        var highlights: ModelIdentity?
        var local: ModelIdentity?
        var deinterlacing: ModelIdentity?
        var denoising: ModelIdentity?
        var dejittering: ModelIdentity?
        for name in ModelLibrary.names {
            let (network, sha256) = try load(name)
            func identity(_ size: ModelSize? = nil) -> ModelIdentity {
                ModelIdentity(
                    name: name, version: network.version, recipeSHA256: network.recipeSHA256, fileSHA256: sha256, size: size)
            }
            switch network.metadata["filter"] {
            case "DVRES2":
                guard let variant = SuperResolutionVariant(rawValue: network.metadata["variant"] ?? ""),
                    let ratio = network.metadata["scale"].flatMap({ Int($0) }), (1...6).contains(ratio),
                    let size = ModelSize(rawValue: network.metadata["size"] ?? "")
                else { throw .unsuitableModel(name: name, reason: "its metadata has no known variant, scale and size") }
                scaling.append(
                    Scaling(
                        identity: identity(size), variant: variant, ratio: ratio,
                        macPerSample: network.macsPerReferencePixel / Double(ratio * ratio)))
            case "DVRES2_CHROMA": chroma = ChromaGuide(identity: identity(), macPerSample: network.macsPerReferencePixel)
            case "INFINITEHDR": infiniteHDR = identity()
            case "INFINITEHDR_HIGHLIGHTS": highlights = identity()
            case "INFINITEHDR_LOCAL": local = identity()
            case "DEINT": deinterlacing = identity()
            case "DENOISE": denoising = identity()
            case "DEJIT": dejittering = identity()
            default: continue
            }
        }
        return FilterModels(
            scaling: scaling, chroma: chroma, infiniteHDR: infiniteHDR, highlights: highlights, local: local,
            deinterlacing: deinterlacing, denoising: denoising, dejittering: dejittering)
    }

    private static func load(_ name: String) throws(FilterError) -> (network: Network, sha256: String) {
        do throws(NetworkError) { return (try ModelLibrary.network(name), try ModelLibrary.sha256(name)) } catch { throw .network(error) }
    }
}
