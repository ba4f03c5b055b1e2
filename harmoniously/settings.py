"""One settings file for every environment; the README lists the variables.

DJANGO_ENV is ``development`` (the default: the demo), ``test`` or ``production``. Production starts only when every
value it needs is given and safe; harmoniously/core/common/production.py refuses the rest.
"""

import zoneinfo
from pathlib import Path

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from harmoniously.environment import Environment, postgres_settings

env = Environment()
BASE_DIR = Path(__file__).resolve().parent.parent

DJANGO_ENV = env.text("DJANGO_ENV", "development")
if DJANGO_ENV not in {"development", "test", "production"}:
    raise ImproperlyConfigured(f"DJANGO_ENV={DJANGO_ENV!r}: use development, test or production.")
PRODUCTION = DJANGO_ENV == "production"

DEFAULT_SECRET_KEY = "development-only-key-that-production-refuses-to-start-with"  # noqa: S105  (refused there)
DEFAULT_PHI_KEYS = "dev:ZGV2ZWxvcG1lbnQtb25seS0zMi1ieXRlLWtleS0hISE="
SECRET_KEY = env.text(
    "SECRET_KEY",
    None if PRODUCTION else DEFAULT_SECRET_KEY,
    hint="Make one with: python -c 'import secrets; print(secrets.token_urlsafe(64))'",
)
# Key ring of the encrypted field: "id:base64 of 32 bytes, …"; the first encrypts, all decrypt (docs/adr/0008).
PHI_KEYS = env.text(
    "PHI_KEYS",
    None if PRODUCTION else DEFAULT_PHI_KEYS,
    hint="Make one with: python -c 'import base64, os; print(\"2026a:\" + base64.b64encode(os.urandom(32)).decode())'",
)
DEBUG = env.flag("DEBUG", default=False)
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", "" if PRODUCTION else "localhost,127.0.0.1,[::1],testserver")
PUBLIC_BASE_URL = env.text(
    "PUBLIC_BASE_URL",
    None if PRODUCTION else "http://127.0.0.1:8000",
    hint="The address patients use, such as https://clinic.example; links in messages and webhooks are built from it.",
).rstrip("/")
CSRF_TRUSTED_ORIGINS = [PUBLIC_BASE_URL]
CLINIC_NAME = env.text("CLINIC_NAME", "Harmoniously")
CLINIC_PHONE = env.text("CLINIC_PHONE", "+1 555 010 0199")
SUPPORT_EMAIL = env.text("SUPPORT_EMAIL", "care@harmoniously.example")
# Who is told when a record is opened in an emergency; the active administrators while it is empty.
PRIVACY_OFFICER_EMAIL = env.text("PRIVACY_OFFICER_EMAIL", "")

INSTALLED_APPS = [
    "harmoniously.core.common",
    "harmoniously.core.accounts",
    "harmoniously.core.audit",
    "harmoniously.core.questions",
    "harmoniously.core.documents",
    "harmoniously.core.notifications",
    "harmoniously.core.alerts",
    "intake",
    "treatment",
    "billing",
    "telemedicine",
    "harmoniously.portal",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "django_htmx",
    "csp",
]
if not PRODUCTION or env.flag("ENABLE_NONPROD", default=False):
    # Absent in production; a production process that is told to load it refuses to start (production.py).
    INSTALLED_APPS.append("harmoniously.nonprod")

MIDDLEWARE = [
    "harmoniously.core.common.middleware.RequestContextMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "harmoniously.core.common.middleware.SafetyHeadersMiddleware",
    "harmoniously.core.common.middleware.MethodsMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "harmoniously.core.common.middleware.DatabaseOutageMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "harmoniously.core.accounts.middleware.LanguageMiddleware",
    "harmoniously.core.accounts.middleware.SessionLimitsMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "harmoniously.core.accounts.middleware.StaffSecondFactorMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]

ROOT_URLCONF = "harmoniously.urls"
WSGI_APPLICATION = "harmoniously.wsgi.application"
FORM_RENDERER = "harmoniously.core.common.forms.Renderer"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
                "harmoniously.core.common.context_processors.practice",
                "harmoniously.portal.staff_context.staff_nav",
                "harmoniously.portal.patient_context.patient_nav",
            ],
        },
    }
]

DATABASES = {
    "default": postgres_settings(
        env.text(
            "DATABASE_URL",
            None if PRODUCTION else "postgresql://postgres@127.0.0.1:5432/harmoniously",
            hint="Such as postgresql://user:password@host:5432/harmoniously?sslmode=verify-full",
        )
    )
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env.text(
    "REDIS_URL", None if PRODUCTION else "redis://127.0.0.1:6379/0", hint="Such as rediss://:password@host:6379/0"
)
CACHES = {
    "default": {
        # The rate limits of sign-in live here, so every web process must share it (requirements 4.2).
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "harmoniously",
        "OPTIONS": {"socket_timeout": 2, "socket_connect_timeout": 2},
    }
}

# --- Who may come in -------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["harmoniously.core.accounts.adapter.SignIn"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.ScryptPasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
if DJANGO_ENV == "test":
    PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "portal:home"
LOGOUT_REDIRECT_URL = "portal:welcome"
ACCOUNT_ADAPTER = "harmoniously.portal.account_adapter.PortalAccountAdapter"
ACCOUNT_FORMS = {"reset_password": "harmoniously.portal.invitation_forms.ForgottenPasswordForm"}
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_CONFIRM_EMAIL_ON_GET = False
ACCOUNT_LOGIN_ON_EMAIL_CONFIRMATION = False
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 300
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = True
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_DEFAULT_HTTP_PROTOCOL = PUBLIC_BASE_URL.partition(":")[0]
MFA_ADAPTER = "harmoniously.core.accounts.adapter.MFAAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_FORMS = {
    "authenticate": "harmoniously.core.accounts.second_factor.AuthenticateForm",
    "reauthenticate": "harmoniously.core.accounts.second_factor.ReauthenticateForm",
}
# One code is good at a moment; what keeps it from opening twice counts on that (second_factor.py).
MFA_TOTP_TOLERANCE = 0
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_USER_VERIFICATION = "required"
# A passkey belongs to one address; the demo runs on plain http at a loopback address.
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not PRODUCTION
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_TRUST_ENABLED = False
ALLAUTH_TRUSTED_PROXY_COUNT = env.number("TRUSTED_PROXY_COUNT", 0)

# Idle and absolute session limits in minutes (SEC-04).
SESSION_IDLE_MINUTES_STAFF = env.number("SESSION_IDLE_MINUTES_STAFF", 15)
SESSION_IDLE_MINUTES_PATIENT = env.number("SESSION_IDLE_MINUTES_PATIENT", 30)
SESSION_ABSOLUTE_MINUTES = env.number("SESSION_ABSOLUTE_MINUTES", 12 * 60)
SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_AGE = SESSION_ABSOLUTE_MINUTES * 60
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = PRODUCTION
# The __Host- prefix needs https, which only production has.
SESSION_COOKIE_NAME = "__Host-sessionid" if PRODUCTION else "sessionid"
CSRF_COOKIE_NAME = "__Host-csrftoken" if PRODUCTION else "csrftoken"
CSRF_FAILURE_VIEW = "harmoniously.core.common.error_views.csrf_failure"

# --- What a browser may do (requirements 1.3, policy section 11) -----------------------------------------------------
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "font-src": [SELF],
        "img-src": [SELF, "data:"],  # the TOTP QR code is a data image
        "connect-src": [SELF],
        "media-src": [SELF, "blob:"],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "object-src": [NONE],
        "frame-ancestors": [NONE],
    }
}
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "no-referrer"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
if PRODUCTION:
    SECURE_SSL_REDIRECT = True
    SECURE_REDIRECT_EXEMPT = [r"^livez$", r"^readyz$"]
    SECURE_HSTS_SECONDS = 63_072_000
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    if ALLAUTH_TRUSTED_PROXY_COUNT:
        SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

# --- Files -----------------------------------------------------------------------------------------------------------
STATIC_URL = "static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = Path(env.text("STATIC_ROOT", str(BASE_DIR / ".static")))
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if PRODUCTION
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = not PRODUCTION
# The tests make hundreds of clients; each would list and measure every static file before its first answer.
WHITENOISE_AUTOREFRESH = DJANGO_ENV == "test"
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
# Files never touch the disk unsealed, and no more than one letter's worth is ever held, whatever the address (BUG-28).
FILE_UPLOAD_HANDLERS = ["harmoniously.core.documents.receiving.BoundedUploadHandler"]
DATA_UPLOAD_MAX_NUMBER_FILES = 4

# --- Language and time -----------------------------------------------------------------------------------------------
LANGUAGE_CODE = "en-us"
# Patients and visitors choose; staff pages are in English (docs/spanish.md). "es" is the Spanish of the United States.
LANGUAGES = [("en", "English"), ("es", "Español")]
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = ["harmoniously.formats"]
LANGUAGE_COOKIE_NAME = "language"
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"
# The pinned tzdata package on every machine, never the system's: web and worker must agree on every offset (BUG-23).
zoneinfo.reset_tzpath(to=[])
# Where the demo keeps how far its clock was moved; production has none (docs/adr/0013).
_clock_file = env.text("DEMO_CLOCK_FILE", "")
DEMO_CLOCK_FILE = Path(_clock_file) if _clock_file and not PRODUCTION else None

# --- Messages --------------------------------------------------------------------------------------------------------
DEFAULT_FROM_EMAIL = env.text("DEFAULT_FROM_EMAIL", f"{CLINIC_NAME} <notices@harmoniously.example>")
EMAIL_BACKEND = env.text(
    "EMAIL_BACKEND",
    "django.core.mail.backends.smtp.EmailBackend"
    if PRODUCTION
    else "harmoniously.nonprod.mailbox.backend.MailboxBackend",
)
EMAIL_HOST = env.text("EMAIL_HOST", "localhost")
EMAIL_PORT = env.number("EMAIL_PORT", 25)
EMAIL_HOST_USER = env.text("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = env.text("EMAIL_HOST_PASSWORD", "")
EMAIL_USE_TLS = env.flag("EMAIL_USE_TLS", default=PRODUCTION)
EMAIL_TIMEOUT = 10
TWILIO_ACCOUNT_SID = env.text("TWILIO_ACCOUNT_SID", "")
TWILIO_AUTH_TOKEN = env.text("TWILIO_AUTH_TOKEN", "")
TWILIO_MESSAGING_SERVICE_SID = env.text("TWILIO_MESSAGING_SERVICE_SID", "")
_sms_default = (
    "harmoniously.core.notifications.twilio_gateway.TwilioChannel"
    if PRODUCTION or TWILIO_ACCOUNT_SID
    else "harmoniously.nonprod.mailbox.backend.MailboxSMSChannel"
)
NOTIFICATION_SMS_BACKEND = env.text("NOTIFICATION_SMS_BACKEND", _sms_default)
# How many messages one dispatcher hands over at once; the demo's mailbox is a table and needs one.
NOTIFICATION_CONCURRENCY = env.number("NOTIFICATION_CONCURRENCY", 20 if PRODUCTION else 1)
# How often each web process looks whether an alert waits for a silent worker; 0: never.
WATCH_EVERY_SECONDS = env.number("WATCH_EVERY_SECONDS", 10)
NOTIFICATION_EMAIL_BACKEND = env.text(
    "NOTIFICATION_EMAIL_BACKEND", "harmoniously.core.notifications.channels.EmailChannel"
)

# --- Video visits (docs/video.md) ------------------------------------------------------------------------------------
TWILIO_API_KEY_SID = env.text("TWILIO_API_KEY_SID", "")
TWILIO_API_KEY_SECRET = env.text("TWILIO_API_KEY_SECRET", "")
VIDEO_BACKEND = env.text(
    "VIDEO_BACKEND",
    "telemedicine.video.twilio_video.TwilioVideo" if TWILIO_API_KEY_SID else "telemedicine.video.p2p.PeerToPeer",
)
# Servers that help two browsers find each other. None is asked unless it is named here.
STUN_URLS = env.words("STUN_URLS")
TURN_URLS = env.words("TURN_URLS")
TURN_SECRET = env.text("TURN_SECRET", "")
# Neither side then learns the other's network address.
VIDEO_RELAY_ONLY = env.flag("VIDEO_RELAY_ONLY", default=False)

# --- Money -----------------------------------------------------------------------------------------------------------
STRIPE_SECRET_KEY = env.text("STRIPE_SECRET_KEY", "")
STRIPE_WEBHOOK_SECRET = env.text("STRIPE_WEBHOOK_SECRET", "")
PAYMENT_GATEWAY = env.text(
    "PAYMENT_GATEWAY",
    "billing.gateway.stripe_gateway.StripeGateway"
    if PRODUCTION or STRIPE_SECRET_KEY
    else "harmoniously.nonprod.payments.gateway.EmbeddedGateway",
)
# Gateways that took money before and still give it back (BUG-34).
EARLIER_PAYMENT_GATEWAYS = env.words("EARLIER_PAYMENT_GATEWAYS")

# --- Work that happens later (requirements 3.3) ----------------------------------------------------------------------
CELERY_BROKER_URL = REDIS_URL
if REDIS_URL.startswith("rediss://") and "ssl_cert_reqs=" not in REDIS_URL:
    # Without a word about certificates Celery accepts any, unlike the cache; the broker must prove who it is.
    CELERY_BROKER_URL += f"{'&' if '?' in REDIS_URL else '?'}ssl_cert_reqs=required"
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 3600,
    "socket_timeout": 5,
    "socket_connect_timeout": 3,
    "health_check_interval": 25,
    "retry_on_timeout": True,
    "unacked_restore_interval": 10,
    "unacked_restore_throttle": 1,
    "global_keyprefix": env.text("CELERY_KEY_PREFIX", "harmoniously:"),
}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
# A killed pool process is noticed after this many seconds; nothing waits for results.
CELERY_WORKER_LOST_WAIT = 2.0
CELERY_TASK_TIME_LIMIT = 120
CELERY_TASK_SOFT_TIME_LIMIT = 90
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_MAX_TASKS_PER_CHILD = 500
CELERY_TIMEZONE = "UTC"
CELERY_ENABLE_UTC = True

# --- Logs: to standard output, without request bodies or clinical values ---------------------------------------------
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"()": "harmoniously.core.common.logs.OneLineFormatter"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env.text("LOG_LEVEL", "INFO")},
    "loggers": {"django.server": {"handlers": ["console"], "propagate": False, "level": "WARNING"}},
}
