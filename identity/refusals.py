"""What identity refuses, in rank order: who asks, what for, then what is wrong with the input.

No sentence repeats a name, a code or a number that somebody typed: refusals are logged and audited.
"""

from __future__ import annotations

from runtime.refusal import RefusalCode, Sentence


class IdentityRefusal(RefusalCode):
    """The area's refusals; the order of the members is their rank."""

    # Who asks.
    NOT_SIGNED_IN = Sentence(401, "请先登录", "Sign in first")
    TOKEN_REFUSED = Sentence(401, "访问令牌无效", "The access token is not valid")
    SIGN_IN_LOCKED = Sentence(
        429,
        "登录失败次数过多，请在 {minutes} 分钟后再试",
        "Too many failed sign-ins; try again in {minutes} minutes",
    )
    SIGN_IN_FAILED = Sentence(401, "用户名或密码不正确", "Login name or password is wrong")
    NOT_ALLOWED = Sentence(403, "您的身份不能办理此事", "Your role does not allow this")
    SCOPE_MISSING = Sentence(
        403, "此令牌没有 {scope} 权限", "This token does not have the scope {scope}"
    )
    OTHER_PARTY = Sentence(
        403, "只能办理本主体的事项", "Only matters of your own party can be dealt with"
    )
    OTHER_REGION = Sentence(
        403, "不在您的管辖区域内", "This lies outside the region that you answer for"
    )

    # What it is about.
    PARTY_UNKNOWN = Sentence(404, "没有这个主体", "There is no such party")
    HOST_UNKNOWN = Sentence(422, "没有这个所属组织", "There is no such host organisation")
    PERSON_UNKNOWN = Sentence(404, "没有这个账户", "There is no such account")
    MEMBERSHIP_UNKNOWN = Sentence(404, "没有这项任职", "There is no such membership")
    CLIENT_UNKNOWN = Sentence(404, "没有这个接口客户端", "There is no such API client")
    OPERATOR_EXISTS = Sentence(409, "平台运营方已登记", "The platform's operator is registered")
    OPERATOR_MISSING = Sentence(
        409, "平台运营方尚未登记", "The platform's operator is not yet registered"
    )
    RECORD_SUPERSEDED = Sentence(
        409,
        "登记信息已有更新（现为第 {version} 版），请刷新后再改",
        "The record has changed meanwhile (now version {version}); reload and try again",
    )

    # Kinds and what they need.
    KIND_UNKNOWN = Sentence(422, "没有这种主体类型", "There is no such kind of party")
    CODE_MISSING = Sentence(
        422, "此类主体须有统一社会信用代码", "This kind of party needs a unified social credit code"
    )
    CODE_UNWANTED = Sentence(
        422, "此类主体没有统一社会信用代码", "This kind of party has no unified social credit code"
    )
    CODE_MALFORMED = Sentence(
        422,
        "统一社会信用代码须为 18 位，且不含 I、O、S、V、Z",
        "A unified social credit code has 18 characters and no I, O, S, V or Z",
    )
    CODE_CHECK_WRONG = Sentence(
        422,
        "统一社会信用代码的校验位不符，请核对",
        "The check character of the unified social credit code does not fit",
    )
    CODE_TAKEN = Sentence(
        409,
        "此统一社会信用代码已登记",
        "This unified social credit code is registered already",
    )
    IDENTITY_NUMBER_UNWANTED = Sentence(
        422, "此类主体不登记身份证号", "No identity number is taken for this kind of party"
    )
    IDENTITY_NUMBER_WRONG = Sentence(
        422, "身份证号不正确，请核对", "The identity number is not right"
    )
    HOST_MISSING = Sentence(
        422,
        "农户须登记在合作社或村集体名下",
        "A household is registered under its co-operative or village",
    )
    HOST_UNWANTED = Sentence(
        422, "此类主体不挂靠其他组织", "This kind of party has no host organisation"
    )
    HOST_NOT_ORGANISATION = Sentence(
        422, "所属组织不能是个人或农户", "A host must be an organisation"
    )
    PHONE_MISSING = Sentence(422, "请填写联系电话", "A phone number is needed")
    PHONE_MALFORMED = Sentence(422, "联系电话格式不正确", "This is no mainland phone number")
    REGION_MISSING = Sentence(422, "请填写所在区划", "A region code is needed")
    REGION_MALFORMED = Sentence(
        422, "区划代码须为 6、9 或 12 位数字", "A region code has 6, 9 or 12 digits"
    )
    EFFECTIVE_IN_FUTURE = Sentence(
        422, "生效时间不能晚于现在", "The time at which it became true lies in the future"
    )

    # Lines of text.
    TEXT_EMPTY = Sentence(422, "此项不能为空", "This must not be empty")
    TEXT_TOO_LONG = Sentence(422, "最多 {most} 个字", "At most {most} characters")
    TEXT_UNSEEN = Sentence(
        422,
        "含有不可见字符或首尾空格",
        "It contains invisible characters, or a space at an end",
    )
    TEXT_UNSHARED = Sentence(
        422,
        "含有专用区或未定义的字符，别处无法正确显示",
        "It contains private-use or unassigned characters, which others cannot display",
    )
    TEXT_NOT_NORMAL = Sentence(
        422, "文字不是 Unicode NFC 形式", "The text is not in Unicode normal form C"
    )
    TEXT_MARKUP = Sentence(422, "不能含有 < 或 >", "It must not contain < or >")

    # Keys; what is wrong with a public key itself is said by `ledger.refusals`.
    CHALLENGE_ENDED = Sentence(
        409, "验证码已失效，请重新获取", "The challenge has ended; ask for a new one"
    )
    POSSESSION_UNPROVED = Sentence(
        422,
        "签名不符，未能证明持有私钥",
        "The signature does not prove possession of the private key",
    )
    OWN_CUSTODY = Sentence(
        409,
        "该主体自行保管密钥，平台不能代签",
        "This party holds its own key; the platform cannot sign for it",
    )
    KEY_MISSING = Sentence(409, "该主体没有密钥", "This party has no key")

    # Accounts, memberships, clients.
    LOGIN_MALFORMED = Sentence(
        422,
        "用户名须为 3 到 32 个字母、汉字、数字或 . _ -，且不能全是数字",
        "A login name has 3 to 32 letters, digits or . _ - and is not a number",
    )
    LOGIN_TAKEN = Sentence(409, "此用户名已被使用", "This login name is taken")
    PHONE_IN_NAME = Sentence(
        422,
        "用户名和邮箱不能含手机号",
        "A login name or e-mail address must not contain a phone number",
    )
    EMAIL_MALFORMED = Sentence(422, "邮箱格式不正确", "This is no e-mail address")
    EMAIL_TAKEN = Sentence(409, "此邮箱已被使用", "This e-mail address is taken")
    PASSWORD_TOO_SHORT = Sentence(
        422, "密码至少 {least} 个字符", "A password has at least {least} characters"
    )
    PASSWORD_TOO_LONG = Sentence(
        422, "密码最多 {most} 个字符", "A password has at most {most} characters"
    )
    PASSWORD_TOO_SIMPLE = Sentence(
        422, "密码过于简单，容易被猜到", "This password is easy to guess"
    )
    ROLE_UNKNOWN = Sentence(422, "没有这个角色", "There is no such role")
    SCOPE_UNKNOWN = Sentence(422, "没有这个权限", "There is no such scope")
    PERIOD_BACKWARDS = Sentence(
        422, "结束时间须晚于开始时间", "The end must come after the beginning"
    )
    PERIOD_TOO_LONG = Sentence(
        422, "有效期最长 {days} 天", "It may be valid for at most {days} days"
    )
    TOKEN_TAKEN = Sentence(
        409, "令牌已登记，请重新生成", "This token is registered; make a new one"
    )
