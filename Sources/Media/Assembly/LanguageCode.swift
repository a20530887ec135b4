/// Language codes as the containers of the rendition know them.
enum LanguageCode {
    /// QuickTime lists languages by the bibliographic codes of ISO 639-2 where there are two; MP4 takes either.
    ///
    /// - Parameter code: as the source has it; nil and "undetermined" give nil.
    static func written(_ code: String?, in container: RenditionContainer) -> String? {
        guard let code, code != "und" else { return nil }
        return container.isQuickTime ? bibliographic[code] ?? code : code
    }

    /// ISO 639-2: terminology code to bibliographic code, for the twenty languages that have both.
    private static let bibliographic: [String: String] = [
        "bod": "tib", "ces": "cze", "cym": "wel", "deu": "ger", "ell": "gre", "eus": "baq", "fas": "per", "fra": "fre", "hye": "arm",
        "isl": "ice", "kat": "geo", "mkd": "mac", "mri": "mao", "msa": "may", "mya": "bur", "nld": "dut", "ron": "rum", "slk": "slo",
        "sqi": "alb", "zho": "chi",
    ]
}
